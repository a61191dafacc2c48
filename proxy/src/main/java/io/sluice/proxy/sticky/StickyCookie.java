package io.sluice.proxy.sticky;

import io.sluice.service.settings.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that binds the clients of one pool. Its value is the backend's id and the first {@value #TAG_BYTES} bytes of its HMAC-SHA256, so
 * that a client can choose neither a backend nor learn of others; it says nothing of addresses. The pool's name is signed too: a value of
 * one pool means nothing in another. Thread-safe.
 */
public final class StickyCookie {
    /** As many as cannot be guessed (RFC 2104 §5: at least half of the hash, and 80 bits). */
    static final int TAG_BYTES = 16;

    /** Longer than any id with its tag. */
    private static final int MAX_VALUE = 256;

    private static final String ALGORITHM = "HmacSHA256";
    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

    private final String pool;
    private final StickySettings settings;
    private final SecretKeySpec key;

    /** @param ownKey what to sign with when the settings have no secret */
    public StickyCookie(String pool, StickySettings settings, @Nullable StickyKey ownKey) {
        this.pool = pool;
        this.settings = settings;
        Secret secret = settings.secret();
        byte[] bytes = secret == null
                ? Objects.requireNonNull(ownKey, "neither a secret nor a key").bytes()
                : secret.reveal().getBytes(StandardCharsets.UTF_8);
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** The cookie's name. */
    public String name() {
        return settings.cookie();
    }

    /** What binds a client to that backend. Takes about a microsecond. */
    public String value(String backendId) {
        return encode(backendId.getBytes(StandardCharsets.UTF_8)) + "." + encode(tag(backendId));
    }

    /** Whom a value names, if this pool's key signed it; null for anything else. */
    public @Nullable String backend(String value) {
        int dot = value.indexOf('.');
        if (dot <= 0 || value.length() > MAX_VALUE) {
            return null;
        }
        try {
            byte[] id = Base64.getUrlDecoder().decode(value.substring(0, dot));
            byte[] given = Base64.getUrlDecoder().decode(value.substring(dot + 1));
            String backendId = new String(id, StandardCharsets.UTF_8);
            return MessageDigest.isEqual(tag(backendId), given) ? backendId : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    /**
     * The value of a {@code Set-Cookie} header that binds a client; for every path, out of reach of scripts.
     *
     * @param secure whether the client came by TLS
     */
    public String setCookie(String backendId, boolean secure) {
        return name() + "=" + value(backendId) + "; Path=/; HttpOnly; SameSite=Lax"
                + (settings.maxAge() == null
                        ? ""
                        : "; Max-Age=" + settings.maxAge().toSeconds())
                + (secure ? "; Secure" : "");
    }

    private byte[] tag(String backendId) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(pool.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return Arrays.copyOf(mac.doFinal(backendId.getBytes(StandardCharsets.UTF_8)), TAG_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    private static String encode(byte[] bytes) {
        return TEXT.encodeToString(bytes);
    }
}
