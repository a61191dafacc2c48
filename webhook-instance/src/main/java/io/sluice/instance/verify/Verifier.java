package io.sluice.instance.verify;

import io.sluice.instance.configuration.Scheme;
import io.sluice.instance.configuration.Verification;
import io.sluice.service.settings.Secret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * Checks a request against a webhook's {@link Verification}. Secrets are compared in constant time, all of them, so that neither the time nor the
 * answer tells how close a guess was.
 */
public final class Verifier {
    private static final String BEARER = "bearer ";

    private Verifier() {}

    /** A rejection that needs no body to be certain, so that nothing has to be read from a stranger; empty when {@link #check} has to decide. */
    public static Optional<Rejection> checkBeforeBody(Verification verification, MultiMap headers) {
        List<Optional<Rejection>> results = verification.schemes().stream()
                .map(scheme -> scheme.match(
                        bearer -> bearer(bearer, headers),
                        authorization -> authorization(authorization, headers),
                        hmac -> HmacSignature.missing(hmac, headers)))
                .toList();
        return combine(verification, results);
    }

    /** Empty when the request is genuine. {@code body} is what was sent, byte for byte. */
    public static Optional<Rejection> check(Verification verification, MultiMap headers, byte[] body) {
        List<Optional<Rejection>> results = verification.schemes().stream()
                .map(scheme -> scheme.match(
                        bearer -> bearer(bearer, headers),
                        authorization -> authorization(authorization, headers),
                        hmac -> HmacSignature.check(hmac, headers, body)))
                .toList();
        return combine(verification, results);
    }

    private static Optional<Rejection> combine(Verification verification, List<Optional<Rejection>> results) {
        Optional<Rejection> first = results.stream().flatMap(Optional::stream).findFirst();
        return switch (verification.rule()) {
            case ALL -> first;
            case ANY -> results.stream().anyMatch(Optional::isEmpty) ? Optional.empty() : first;
        };
    }

    private static Optional<Rejection> bearer(Scheme.BearerToken scheme, MultiMap headers) {
        List<String> lines = headers.getAll(HttpHeaders.AUTHORIZATION);
        if (lines.size() != 1) {
            return rejection(scheme, lines.isEmpty() ? "missing" : "repeated");
        }
        String line = lines.get(0);
        if (!line.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return rejection(scheme, "malformed");
        }
        return matchesAny(scheme.tokens(), line.substring(BEARER.length()).strip())
                ? Optional.empty()
                : rejection(scheme, "mismatch");
    }

    private static Optional<Rejection> authorization(Scheme.AuthorizationHeader scheme, MultiMap headers) {
        List<String> lines = headers.getAll(HttpHeaders.AUTHORIZATION);
        if (lines.size() != 1) {
            return rejection(scheme, lines.isEmpty() ? "missing" : "repeated");
        }
        return matchesAny(scheme.values(), lines.get(0)) ? Optional.empty() : rejection(scheme, "mismatch");
    }

    private static boolean matchesAny(List<Secret> secrets, String candidate) {
        boolean found = false;
        for (Secret secret : secrets) {
            // no early exit: the time must not tell which of them it was
            found |= secret.matches(candidate);
        }
        return found;
    }

    static Optional<Rejection> rejection(Scheme scheme, String reason) {
        return Optional.of(new Rejection(scheme.name(), reason));
    }
}
