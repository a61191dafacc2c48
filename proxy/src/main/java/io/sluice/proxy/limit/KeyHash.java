package io.sluice.proxy.limit;

import java.security.SecureRandom;

/**
 * Makes numbers of texts: SipHash-1-3 (Aumasson and Bernstein, 2012) under a random secret, so that nobody can choose keys that collide. Two keys
 * with the same number share a count, which at 64 bits does not happen by itself.
 */
public final class KeyHash {
    private static final int CHARS = 4;

    private final long secret0;
    private final long secret1;

    public KeyHash(SecureRandom random) {
        this.secret0 = random.nextLong();
        this.secret1 = random.nextLong();
    }

    /** Never 0. */
    public long of(String text) {
        long v0 = secret0 ^ 0x736f6d6570736575L;
        long v1 = secret1 ^ 0x646f72616e646f6dL;
        long v2 = secret0 ^ 0x6c7967656e657261L;
        long v3 = secret1 ^ 0x7465646279746573L;
        int length = text.length();
        int words = length / CHARS + 1;
        // One round for each word, three to finish: the last word carries the length.
        for (int i = 0; i < words + 3; i++) {
            long word = i < words ? word(text, i * CHARS) : 0;
            if (i == words - 1) {
                word |= (long) length << 56;
            }
            if (i == words) {
                v2 ^= 0xff;
            }
            v3 ^= word;
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
        }
        long hash = v0 ^ v1 ^ v2 ^ v3;
        return hash == 0 ? 1 : hash;
    }

    private static long word(String text, int from) {
        long word = 0;
        int to = Math.min(text.length(), from + CHARS);
        for (int i = from; i < to; i++) {
            word |= (long) text.charAt(i) << (16 * (i - from));
        }
        return word;
    }
}
