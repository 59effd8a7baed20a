from text.shingles import bigrams


def test_bigrams_are_search_terms() -> None:
    assert bigrams("香港验血 DNA 99%，好") == ["香港", "港验", "验血", "dna", "99", "好"]
