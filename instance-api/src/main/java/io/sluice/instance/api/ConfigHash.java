package io.sluice.instance.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.erdtman.jcs.JsonCanonicalizer;

/**
 * The name of a configuration: SHA-256, in lower-case hex, of its canonical JSON (RFC 8785) with {@code {$VAR}} left unsubstituted, so
 * that it is the same on every instance and says nothing of secrets.
 */
public final class ConfigHash {
    private ConfigHash() {}

    /** Hash of one document. */
    public static String of(JsonNode document) {
        try {
            byte[] canonical = new JsonCanonicalizer(document.toString()).getEncodedUTF8();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
        } catch (IOException e) {
            throw new UncheckedIOException("not canonicalisable as JSON", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Hash of both documents together: what {@value InstanceHeaders#CONFIG_HASH} carries. */
    public static String ofBundle(JsonNode webhooks, JsonNode connections) {
        ObjectNode bundle = JsonNodeFactory.instance.objectNode();
        bundle.set("webhooks", webhooks);
        bundle.set("connections", connections);
        return of(bundle);
    }
}
