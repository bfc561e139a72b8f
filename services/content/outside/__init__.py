"""The world outside the database: the object store files lie in."""

from services.content.outside.shelf import Bucket, FileShelf, folder, s3

__all__ = ["Bucket", "FileShelf", "folder", "s3"]
