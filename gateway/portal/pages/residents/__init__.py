"""Pages of residents, at home and at an assisted desk: the same pages, below ``/my`` or ``/desk``."""
