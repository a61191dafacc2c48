package io.sluice.instance.verify;

import io.sluice.instance.configuration.HmacAlgorithm;
import io.sluice.instance.configuration.Scheme;
import io.sluice.instance.configuration.SignatureEncoding;
import io.sluice.service.settings.Secret;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A MAC (RFC 2104) over the raw body in one header. Several signatures may stand there, separated by commas, as senders do while they rotate a
 * secret. A header that comes twice is refused: which of the two a proxy in front looked at cannot be known.
 */
final class HmacSignature {
    /** More is an attempt to make us compute. */
    private static final int MOST_SIGNATURES = 16;

    private HmacSignature() {}

    /** What can be said without the body. */
    static Optional<Rejection> missing(Scheme.Hmac scheme, MultiMap headers) {
        List<String> lines = headers.getAll(scheme.header());
        return lines.size() == 1
                ? Optional.empty()
                : Verifier.rejection(scheme, lines.isEmpty() ? "missing" : "repeated");
    }

    static Optional<Rejection> check(Scheme.Hmac scheme, MultiMap headers, byte[] body) {
        Optional<Rejection> missing = missing(scheme, headers);
        if (missing.isPresent()) {
            return missing;
        }
        String[] written = headers.get(scheme.header()).split(",", MOST_SIGNATURES + 1);
        if (written.length > MOST_SIGNATURES) {
            return Verifier.rejection(scheme, "too-many");
        }
        List<byte[]> signatures = new ArrayList<>();
        for (String text : written) {
            decode(scheme, text.strip()).ifPresent(signatures::add);
        }
        if (signatures.isEmpty()) {
            return Verifier.rejection(scheme, "malformed");
        }
        return matches(scheme, signatures, body) ? Optional.empty() : Verifier.rejection(scheme, "mismatch");
    }

    private static boolean matches(Scheme.Hmac scheme, List<byte[]> signatures, byte[] body) {
        boolean found = false;
        for (Secret secret : scheme.secrets()) {
            byte[] expected = mac(scheme.algorithm(), secret, body);
            for (byte[] signature : signatures) {
                found |= MessageDigest.isEqual(expected, signature);
            }
        }
        return found;
    }

    private static byte[] mac(HmacAlgorithm algorithm, Secret secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance(algorithm.macName());
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), algorithm.macName()));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm.macName(), e);
        }
    }

    private static Optional<byte[]> decode(Scheme.Hmac scheme, String text) {
        String prefix = scheme.prefix();
        if (prefix.isEmpty()) {
            // existing senders write both forms
            String named = scheme.algorithm().name() + "=";
            prefix = text.regionMatches(true, 0, named, 0, named.length()) ? text.substring(0, named.length()) : "";
        }
        if (!text.startsWith(prefix)) {
            return Optional.empty();
        }
        return decode(scheme.encoding(), text.substring(prefix.length()))
                .filter(bytes -> bytes.length == scheme.algorithm().bytes());
    }

    private static Optional<byte[]> decode(SignatureEncoding encoding, String text) {
        try {
            return Optional.of(
                    switch (encoding) {
                        case HEX -> HexFormat.of().parseHex(text);
                        case BASE64 -> Base64.getDecoder().decode(text);
                    });
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
