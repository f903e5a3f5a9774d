"""One kind of file each: a module here has a `READER`, and adding a reader is adding a module."""
