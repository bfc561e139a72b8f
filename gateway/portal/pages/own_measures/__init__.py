"""A municipality's own measures, one module for each part of the work on them."""
