package io.sluice.instance.configuration;

/** One configuration as it is kept on disk. */
record StoredGeneration(long generation, Origin origin, DocumentPair documents) {}
