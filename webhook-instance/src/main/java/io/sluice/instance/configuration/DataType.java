package io.sluice.instance.configuration;

/** What a body must be: a JSON text, or anything. */
public enum DataType {
    JSON,
    BLOB
}
