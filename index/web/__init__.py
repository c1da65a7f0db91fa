"""From web addresses to articles: fetched with care, read in a process apart, each told once."""
