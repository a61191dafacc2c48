package io.sluice.instance.configuration;

import io.sluice.service.settings.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks where an HTTP request is to be sent, and with which headers. */
final class HttpTarget {
    /** RFC 9110 §5.6.2: token. */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+\\-.^_`|~0-9A-Za-z]{1,200}");

    /** Those that the sending side owns (RFC 9110 §7.6.1 and framing). */
    private static final Set<String> RESERVED = Set.of(
            "host",
            "connection",
            "keep-alive",
            "transfer-encoding",
            "upgrade",
            "proxy-connection",
            "te",
            "trailer",
            "content-length");

    private static final Pattern PRIVATE_HOST = Pattern.compile(
            "localhost|.*\\.localhost|0(\\.0){0,3}|(127|10)\\..*|192\\.168\\..*|172\\.(1[6-9]|2\\d|3[01])\\..*"
                    + "|169\\.254\\..*|\\[(::1?|::ffff:.*|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)]",
            Pattern.CASE_INSENSITIVE);

    private HttpTarget() {}

    /** The URL, or null when there is a problem with it, which is then noted. Its text is not shown: it may carry a secret. */
    static @Nullable URI absolute(ObjectCursor cursor, String key, @Nullable String text, boolean allowPrivate) {
        if (text == null) {
            return null;
        }
        URI url = parse(text);
        if (url == null || url.getHost() == null || !isHttp(url) || url.getPort() > 65_535) {
            cursor.problem(key, "wrong_url", key + " is no absolute http or https URL", null);
            return null;
        }
        if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
            cursor.problem(key, "wrong_url", key + " has a user or a fragment", "use \"headers\" for credentials");
            return null;
        }
        if (!allowPrivate && isPrivate(url)) {
            cursor.problem(
                    key,
                    "private_address",
                    key + " leads to the private address " + url.getHost(),
                    "set \"allow_private\": true when that is meant");
            return null;
        }
        return url;
    }

    static @Nullable URI parse(String text) {
        try {
            return new URI(text.strip());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    static boolean isPrivate(URI url) {
        return PRIVATE_HOST.matcher(url.getHost()).matches();
    }

    private static boolean isHttp(URI url) {
        return "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    }

    static Map<String, Secret> headers(ObjectCursor cursor, String key) {
        Map<String, Secret> headers = cursor.secretEntries(key);
        Place place = cursor.place().child(key);
        Problems problems = cursor.reading().problems();
        headers.forEach((name, value) -> {
            if (!TOKEN.matcher(name).matches()) {
                problems.add(place.child(name), "wrong_header", "\"" + name + "\" is no name of a header");
            } else if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
                problems.add(
                        place.child(name), "wrong_header", "header " + name + " is set by the sending side itself");
            } else if (value.reveal().chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
                problems.add(place.child(name), "wrong_header", "the value has control characters");
            }
        });
        return headers;
    }

    static boolean isHeaderName(String name) {
        return TOKEN.matcher(name).matches();
    }
}
