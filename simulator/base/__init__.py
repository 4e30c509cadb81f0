"""Errors, numbers and files: what every wing stands on."""
