"""A release as a feature provider of pygeoapi: the same store behind another door.

Named in the configuration of a stock pygeoapi by its dotted path:

    providers:
      - type: feature
        name: releases.provider.ReleaseProvider
        data: /srv/blueprint/published       # the folder of releases
        id_field: XZQDM
        storage_crs: http://www.opengis.net/def/crs/OGC/1.3/CRS84
        options: {layer: xzq_county, release: 0123456789abcdef, lang: zh}   # no release: the current one

Name the release where pages must fit together: pygeoapi walks by offset, and the current release may change between
two pages. Name `storage_crs` too, since without it pygeoapi drops `filter-crs` without a word.

`contract` is the class that pygeoapi loads, `asking` reads pygeoapi's arguments, `filtertree` its filters.
"""

from releases.provider.contract import ReleaseProvider

__all__ = ["ReleaseProvider"]
