"""The nouns of publishing: sources, gate, releases and the store that answers from them."""
