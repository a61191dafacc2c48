package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.settings.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads who may send: {@code verify}, and the older keys {@code authorization} and {@code hmac}, each of which must agree too. */
final class VerificationReader {
    private static final Set<String> SCHEMES = Set.of("bearer", "authorization", "hmac");
    private static final Set<String> LATER =
            Set.of("basic", "header", "query", "jwt", "ip", "github", "stripe", "slack", "shopify", "standard");
    private static final List<String> KEYS = List.of("verify", "authorization", "hmac", "auth");
    private static final String BEARER = "Bearer ";
    private static final String DEFAULT_HMAC_HEADER = "X-HMAC-Signature";

    private final ObjectCursor webhook;
    private final List<Scheme> schemes = new ArrayList<>();

    VerificationReader(ObjectCursor webhook) {
        this.webhook = webhook;
    }

    Verification read() {
        KEYS.forEach(key -> webhook.refuseNull(key, "it would let everybody in; leave it out where that is meant"));
        Verification.Rule rule = verify();
        boolean authorization = webhook.has("authorization");
        boolean hmacToo = webhook.has("hmac");
        if ((authorization || hmacToo) && rule == Verification.Rule.ANY) {
            webhook.problem(
                    "verify",
                    "mixed",
                    "\"authorization\" and \"hmac\" must agree, \"any\" says that one is enough",
                    "move them into \"verify\"");
        }
        add(authorization(webhook.secrets("authorization")));
        ObjectCursor hmac = webhook.object("hmac");
        if (hmac != null) {
            add(hmac(hmac));
            hmac.finish();
        }
        checkNone();
        return new Verification(rule, schemes);
    }

    /** {@code "auth": "none"} says that a webhook without a scheme is meant to be open. */
    private void checkNone() {
        String auth = webhook.text("auth");
        if (auth != null && !auth.equals("none")) {
            webhook.problem("auth", "unknown_value", "auth: \"" + auth + "\" (expected: none)", "use \"verify\"");
        } else if (auth != null && !schemes.isEmpty()) {
            webhook.problem("auth", "mixed", "\"auth\": \"none\" beside a scheme that verifies", "remove one of them");
        }
    }

    private Verification.Rule verify() {
        ObjectCursor verify = webhook.object("verify");
        if (verify == null) {
            return Verification.Rule.ALL;
        }
        boolean any = verify.has("any");
        if (any == verify.has("all")) {
            webhook.problem(
                    "verify",
                    "either_or",
                    "verify has " + (any ? "both" : "neither") + " of \"all\" and \"any\"",
                    null);
        }
        entries(verify, "all");
        entries(verify, "any");
        verify.finish();
        return any ? Verification.Rule.ANY : Verification.Rule.ALL;
    }

    private void entries(ObjectCursor verify, String key) {
        List<JsonNode> items = verify.items(key);
        if (verify.has(key) && items.isEmpty()) {
            verify.problem(key, "empty", key + " is empty: it would let everybody in, or nobody", null);
        }
        for (int i = 0; i < items.size(); i++) {
            ObjectCursor entry =
                    ObjectCursor.of(items.get(i), verify.place().child(key).child(i), verify.reading());
            if (entry != null) {
                add(scheme(entry));
            }
        }
    }

    private void add(@Nullable Scheme scheme) {
        if (scheme != null) {
            schemes.add(scheme);
        }
    }

    private static @Nullable Scheme scheme(ObjectCursor entry) {
        String name = entry.requiredText("scheme");
        if (name == null) {
            return null;
        }
        if (!SCHEMES.contains(name)) {
            boolean later = LATER.contains(name);
            entry.problem(
                    "scheme",
                    later ? "unsupported" : "unknown_scheme",
                    "scheme: \"" + name + "\" " + (later ? "is not available yet " : "")
                            + "(expected: one of authorization, bearer, hmac)",
                    later ? null : Hint.nearest(name, SCHEMES));
            return null;
        }
        Scheme scheme = switch (name) {
            case "bearer" -> bearer(entry);
            case "authorization" -> authorization(required(entry, "value", "values"));
            default -> hmac(entry);
        };
        entry.finish();
        return scheme;
    }

    private static @Nullable Scheme bearer(ObjectCursor entry) {
        List<Secret> tokens = required(entry, "token", "tokens");
        return tokens.isEmpty() ? null : new Scheme.BearerToken(tokens);
    }

    /** {@code Bearer x} as a literal header is read as the token x: the scheme's name may come in any case. */
    private static @Nullable Scheme authorization(List<Secret> values) {
        if (values.isEmpty()) {
            return null;
        }
        if (values.stream().allMatch(value -> isBearer(value.reveal()))) {
            return new Scheme.BearerToken(values.stream()
                    .map(value ->
                            Secret.of(value.reveal().substring(BEARER.length()).strip()))
                    .toList());
        }
        return new Scheme.AuthorizationHeader(values);
    }

    private static boolean isBearer(String value) {
        return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && !value.substring(BEARER.length()).isBlank();
    }

    private static @Nullable Scheme hmac(ObjectCursor entry) {
        List<Secret> secrets = required(entry, "secret", "secrets");
        String header = entry.text("header", DEFAULT_HMAC_HEADER);
        HmacAlgorithm algorithm = entry.choice("algorithm", HmacAlgorithm.class, HmacAlgorithm.SHA256);
        SignatureEncoding encoding = entry.choice("encoding", SignatureEncoding.class, SignatureEncoding.HEX);
        String prefix = entry.text("prefix", "");
        if (!HttpTarget.isHeaderName(header)) {
            entry.problem("header", "wrong_header", "header: \"" + header + "\" is no name of a header", null);
        }
        String own = OWN_SCHEMES.get(header.toLowerCase(Locale.ROOT));
        if (own != null) {
            entry.problem(
                    "header",
                    "unsupported",
                    "header: \"" + header + "\" is signed by another rule than the plain hmac of the body",
                    "scheme \"" + own + "\" is not available yet");
        }
        return secrets.isEmpty() ? null : new Scheme.Hmac(secrets, header, algorithm, encoding, prefix);
    }

    /** Headers of senders that sign more than the body: a plain HMAC would refuse all they send. */
    private static final Map<String, String> OWN_SCHEMES = Map.of(
            "stripe-signature", "stripe",
            "x-slack-signature", "slack",
            "webhook-signature", "standard",
            "svix-signature", "standard");

    /** Secrets under either key; none is a problem. */
    private static List<Secret> required(ObjectCursor entry, String one, String many) {
        boolean hasOne = entry.has(one);
        boolean hasMany = entry.has(many);
        if (hasOne == hasMany) {
            entry.problem(
                    one,
                    hasOne ? "twice" : "missing",
                    hasOne ? "\"" + one + "\" and \"" + many + "\" are both there" : "\"" + one + "\" is missing",
                    null);
        }
        return entry.secrets(hasMany ? many : one);
    }
}
