-- The words of the memory in their order, to find those with the same beginning; nothing is stored.
CREATE VIRTUAL TABLE observation_words_terms USING fts5vocab (observation_words, instance);
