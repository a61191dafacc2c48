package io.sluice.instance.configuration;

/** The hash inside an HMAC. */
public enum HmacAlgorithm {
    SHA1("HmacSHA1", 20),
    SHA256("HmacSHA256", 32),
    SHA384("HmacSHA384", 48),
    SHA512("HmacSHA512", 64);

    private final String macName;
    private final int bytes;

    HmacAlgorithm(String macName, int bytes) {
        this.macName = macName;
        this.bytes = bytes;
    }

    /** Name for {@link javax.crypto.Mac#getInstance(String)}. */
    public String macName() {
        return macName;
    }

    /** Length of the value in bytes. */
    public int bytes() {
        return bytes;
    }
}
