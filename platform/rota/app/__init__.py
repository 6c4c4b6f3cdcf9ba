"""The composition root and the verbs that every interface calls."""
