package io.sluice.proxy.admin;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/**
 * The page for people: one file that is the same for everybody and loads nothing from elsewhere. Its script asks for the token, keeps it in the
 * browser's tab alone, and fetches the rest with it. The browser is told to run this script and no other (Content Security Policy, by its hash),
 * and the script makes text of whatever it shows, so that no name of a backend or reason of a hold can become part of the page's code.
 */
final class StatusPage implements Handler<RoutingContext> {
    static final String PATH = "/status";

    private final Buffer page;
    private final String policy;

    StatusPage() {
        String text = read();
        this.page = Buffer.buffer(text);
        this.policy = "default-src 'none'; script-src '" + hash(text, "script") + "'; style-src '" + hash(text, "style")
                + "'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String read() {
        try (InputStream html = StatusPage.class.getResourceAsStream("status.html")) {
            return new String(
                    Objects.requireNonNull(html, "status.html is missing").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of what is inside the only element of that name (CSP Level 3 §6.7.3.3). */
    private static String hash(String text, String element) {
        int from = text.indexOf("<" + element + ">") + element.length() + 2;
        String inside = text.substring(from, text.indexOf("</" + element + ">"));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(inside.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void handle(RoutingContext ctx) {
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .putHeader("Content-Security-Policy", policy)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .end(page);
    }
}
