package io.sluice.proxy.forward;

import io.vertx.core.http.HttpHeaders;

/** Names and values that are written often, in the form that is cheapest to write. */
final class HeaderNames {
    static final CharSequence HOST = HttpHeaders.HOST;
    static final CharSequence CONNECTION = HttpHeaders.CONNECTION;
    static final CharSequence CLOSE = HttpHeaders.CLOSE;
    static final CharSequence CONTENT_LENGTH = HttpHeaders.CONTENT_LENGTH;
    static final CharSequence CONTENT_TYPE = HttpHeaders.CONTENT_TYPE;
    static final CharSequence TRANSFER_ENCODING = HttpHeaders.TRANSFER_ENCODING;
    static final CharSequence UPGRADE = HttpHeaders.createOptimized("Upgrade");
    static final CharSequence UPGRADE_OPTION = HttpHeaders.createOptimized("upgrade");
    static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
    static final CharSequence ALLOW = HttpHeaders.createOptimized("Allow");
    static final CharSequence VIA = HttpHeaders.createOptimized("Via");
    static final CharSequence FORWARDED = HttpHeaders.createOptimized("Forwarded");
    static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");
    static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("X-Forwarded-Proto");
    static final CharSequence FORWARDED_HOST = HttpHeaders.createOptimized("X-Forwarded-Host");
    static final CharSequence REAL_IP = HttpHeaders.createOptimized("X-Real-IP");
    static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-ID");
    static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");

    /** What an instance says when it stored nothing; see {@code io.sluice.instance.api.InstanceHeaders}, which programs do not share. */
    static final String NOT_ACCEPTED = "Webhook-Not-Accepted";

    private HeaderNames() {}
}
