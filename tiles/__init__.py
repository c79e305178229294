"""Arithmetic on arrays: from columns of geometry to vector tile bytes. No web, no database."""
