"""`chatelier models`: bringing model files into place, and making pickles harmless."""
