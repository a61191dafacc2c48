package io.sluice.instance.configuration;

/** A spot in a document: which one, and a JSON Pointer (RFC 6901) into it. */
record Place(String file, String pointer) {
    static Place root(String file) {
        return new Place(file, "");
    }

    Place child(String key) {
        return new Place(file, pointer + "/" + key.replace("~", "~0").replace("/", "~1"));
    }

    Place child(int index) {
        return new Place(file, pointer + "/" + index);
    }

    /** Last key of the pointer, as written in the document; empty at the root. */
    String key() {
        return pointer.substring(pointer.lastIndexOf('/') + 1)
                .replace("~1", "/")
                .replace("~0", "~");
    }
}
