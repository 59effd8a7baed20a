"""Ground floor: types, errors, settings, the store and the discovery of plug-in folders. Imports nothing of ours."""
