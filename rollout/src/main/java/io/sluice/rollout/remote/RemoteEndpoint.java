package io.sluice.rollout.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.sluice.service.json.Json;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One program reachable over HTTP, with its bearer token. The connection is asked for first and the request sent after, so that
 * {@code UNREACHABLE} means that not one byte was handed over. Never repeats anything. Safe from any thread; the future completes on
 * the caller's Vert.x context.
 */
public final class RemoteEndpoint {
    private final HttpClient http;
    private final String base;
    private final Optional<Secret> token;
    private final Duration connectTimeout;

    public RemoteEndpoint(HttpClient http, String base, Optional<Secret> token, Duration connectTimeout) {
        this.http = http;
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.token = token;
        this.connectTimeout = connectTimeout;
    }

    public String base() {
        return base;
    }

    /** Sends; the future fails with a {@link RemoteFailure} only. An answer of any status is a success here. */
    public Future<RemoteAnswer> call(RemoteCall call) {
        String target = call.method() + " " + base + call.path();
        RequestOptions options;
        try {
            options = new RequestOptions()
                    .setMethod(call.method())
                    .setAbsoluteURI(base + call.path())
                    .setConnectTimeout(connectTimeout.toMillis())
                    .setIdleTimeout(call.timeout().toMillis());
        } catch (IllegalArgumentException | io.vertx.core.VertxException e) {
            return Future.failedFuture(RemoteFailure.unreachable(target, e));
        }
        return http.request(options)
                .recover(cause -> Future.failedFuture(RemoteFailure.unreachable(target, cause)))
                .compose(request -> exchange(request, call, target));
    }

    private Future<RemoteAnswer> exchange(HttpClientRequest request, RemoteCall call, String target) {
        token.ifPresent(secret -> request.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret.reveal()));
        call.headers().forEach(request::putHeader);
        return sent(request, call)
                .compose(response -> response.body()
                        .map(body -> new RemoteAnswer(target, response.statusCode(), response.headers(), body)))
                .timeout(call.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> {
                    request.reset();
                    return Future.failedFuture(RemoteFailure.unknownOutcome(target, cause));
                });
    }

    private static Future<io.vertx.core.http.HttpClientResponse> sent(HttpClientRequest request, RemoteCall call) {
        Object body = call.body();
        if (body == null) {
            return request.send();
        }
        try {
            request.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
            return request.send(Buffer.buffer(Json.mapper().writeValueAsBytes(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a request body that is no JSON: " + body.getClass(), e);
        }
    }
}
