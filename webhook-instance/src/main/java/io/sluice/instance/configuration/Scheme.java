package io.sluice.instance.configuration;

import io.sluice.service.settings.Secret;
import java.util.List;
import java.util.function.Function;

/** One way to tell a genuine sender. Each takes several secrets, newest first, so that they can be rotated; any of them is good. */
public sealed interface Scheme {
    /** Its name in configuration files and metrics. */
    String name();

    /** Calls the function that belongs to this kind of scheme. */
    <T> T match(
            Function<BearerToken, T> onBearer,
            Function<AuthorizationHeader, T> onAuthorization,
            Function<Hmac, T> onHmac);

    /** {@code Authorization: Bearer <token>}, the scheme's name in any case (RFC 9110 §11.1). */
    record BearerToken(List<Secret> tokens) implements Scheme {
        public BearerToken {
            tokens = List.copyOf(tokens);
        }

        @Override
        public String name() {
            return "bearer";
        }

        @Override
        public <T> T match(
                Function<BearerToken, T> onBearer,
                Function<AuthorizationHeader, T> onAuthorization,
                Function<Hmac, T> onHmac) {
            return onBearer.apply(this);
        }
    }

    /** The whole value of the {@code Authorization} header, compared literally. */
    record AuthorizationHeader(List<Secret> values) implements Scheme {
        public AuthorizationHeader {
            values = List.copyOf(values);
        }

        @Override
        public String name() {
            return "authorization";
        }

        @Override
        public <T> T match(
                Function<BearerToken, T> onBearer,
                Function<AuthorizationHeader, T> onAuthorization,
                Function<Hmac, T> onHmac) {
            return onAuthorization.apply(this);
        }
    }

    /**
     * A MAC over the raw body in a header. {@code prefix} is what stands before the encoded value ({@code sha256=} for instance; empty:
     * an optional {@code <algorithm>=} is accepted, as existing senders use both). The UTF-8 bytes of a secret are the key.
     */
    record Hmac(List<Secret> secrets, String header, HmacAlgorithm algorithm, SignatureEncoding encoding, String prefix)
            implements Scheme {
        public Hmac {
            secrets = List.copyOf(secrets);
        }

        @Override
        public String name() {
            return "hmac";
        }

        @Override
        public <T> T match(
                Function<BearerToken, T> onBearer,
                Function<AuthorizationHeader, T> onAuthorization,
                Function<Hmac, T> onHmac) {
            return onHmac.apply(this);
        }
    }
}
