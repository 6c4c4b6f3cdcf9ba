raise ValueError("not importable today")
