"""Publishing what has changed in place: the parent's files with some features made anew.

Ten features of a million changed, and the other 999,990 are copied as they lie: no geometry is read, checked, laid out
or simplified again that is what it was. Rule here: whatever is out of the ordinary - a feature more or less, another
order, another configuration, a finding - is left to the whole publish, which knows everything; a release made here is
the one that it would have made, in its content to the byte.
"""
