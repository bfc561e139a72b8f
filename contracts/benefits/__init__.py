"""What benefits says: ids and amounts of applications and entitlements, never who somebody is."""
