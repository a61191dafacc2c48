package io.sluice.rollout.driver;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * By which a caller that lost the answer finds the rollout that it has made.
 *
 * @param key the caller's choice
 * @param fingerprint of what it asked for: the same key with another one is a mistake
 */
public record SubmissionKey(String key, String fingerprint) {
    /** The key of a request, as it was sent: every byte counts. */
    public static SubmissionKey of(String key, byte[] request) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(request);
            return new SubmissionKey(key, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
