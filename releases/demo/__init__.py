"""The demo: both provinces' data as two authorities and a joint office would hand them over, different
on purpose.
"""
