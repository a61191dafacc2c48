package io.sluice.instance.receive;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.function.LongSupplier;

/**
 * Names events: 26 characters of Crockford's base 32 (as a ULID), fit for file names and headers.
 *
 * <p>Where the sender names its delivery, the event's name is derived from that and the webhook, so that a delivery that is sent twice, even to
 * two instances, is one event to every receiver. Else it is a new ULID: 48 bits of time, 80 random ones.
 */
final class EventIds {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int ID_LENGTH = 26;

    private final Clock clock;
    private final LongSupplier random;

    /** {@code random} gives 64 random bits at a time, on any thread. */
    EventIds(Clock clock, LongSupplier random) {
        this.clock = clock;
        this.random = random;
    }

    /** The same for the same delivery to the same webhook, everywhere. */
    static String derived(String webhookId, String deliveryId) {
        byte[] digest = sha256((webhookId + "\n" + deliveryId).getBytes(StandardCharsets.UTF_8));
        long high = 0;
        long low = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            high = high << Byte.SIZE | (digest[i] & 0xff);
            low = low << Byte.SIZE | (digest[Long.BYTES + i] & 0xff);
        }
        return write(high, low);
    }

    /**
     * Where nobody said that the sender's name can be relied on: another body under the same name is another event, the same body under it is the
     * same event everywhere.
     */
    static String derived(String webhookId, String deliveryId, String bodySha256) {
        return derived(webhookId, deliveryId + "\n" + bodySha256);
    }

    String next() {
        long high = clock.millis() << 16 | (random.getAsLong() & 0xffff);
        return write(high, random.getAsLong());
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String sha256Hex(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes));
    }

    /** 128 bits, five at a time from the end; the first character holds the three that are left over. */
    private static String write(long high, long low) {
        char[] text = new char[ID_LENGTH];
        long upper = high;
        long lower = low;
        for (int i = ID_LENGTH - 1; i >= 0; i--) {
            text[i] = ALPHABET.charAt((int) (lower & 31));
            lower = lower >>> 5 | upper << 59;
            upper >>>= 5;
        }
        return new String(text);
    }
}
