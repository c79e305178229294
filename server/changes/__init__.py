"""What became of the plan between two releases, over HTTP: of all layers in numbers, of one of them change by change, and
of one feature release by release.

    /changes?since=…                               how many, a layer
    /collections/{id}/changes?since=…              pages of them
    /collections/{id}/items/{id}/versions          each release in which the feature changed

The first two hang in both trees; in that of a release they never change.
"""
