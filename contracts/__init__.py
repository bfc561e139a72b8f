"""The words services share. Needs pydantic alone, so that a provider can be given this folder as it is."""
