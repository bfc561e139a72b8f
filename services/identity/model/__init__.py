"""The rules of identity: who may become what, and when. No I/O."""
