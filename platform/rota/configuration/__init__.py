"""YAML files to a checked Configuration, or to every Problem in them."""
