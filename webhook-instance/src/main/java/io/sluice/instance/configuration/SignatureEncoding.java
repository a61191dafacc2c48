package io.sluice.instance.configuration;

/** How the bytes of a signature are written in a header. */
public enum SignatureEncoding {
    HEX,
    BASE64
}
