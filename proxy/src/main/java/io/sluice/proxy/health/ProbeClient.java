package io.sluice.proxy.health;

import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTransport;
import io.sluice.proxy.tls.HandshakeFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Sends single checks to backends. Checks take a connection of their caller's, so that the caller knows what became of it. */
final class ProbeClient {
    private static final String INSTANCE_ID = "X-Instance-ID";
    private static final String CONFIG_HASH = "X-Config-Hash";
    private static final String BACKEND_STATE = "X-Backend-State";
    private static final String USER_AGENT = "sluice-health";

    /**
     * What became of a check.
     *
     * @param reusable whether the connection can be used for another one
     * @param drains whether the backend asked for no more requests
     */
    record Outcome(ProbeResult result, boolean reusable, boolean drains) {
        static Outcome failed(ProbeResult result) {
            return new Outcome(result, false, false);
        }
    }

    private final Vertx vertx;
    private final HttpClientAgent client;
    private final @Nullable String serverName;
    private final LongSupplier nanoTime;

    /** @param transport how backends are spoken to */
    ProbeClient(Vertx vertx, BackendTransport transport, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.nanoTime = nanoTime;
        BackendTls tls = transport.tls();
        this.serverName = tls == null ? null : tls.settings().serverName();
        HttpClientOptions options = new HttpClientOptions().setTcpNoDelay(true);
        if (transport.http2()) {
            options.setProtocolVersion(HttpVersion.HTTP_2)
                    .setUseAlpn(tls != null)
                    .setHttp2ClearTextUpgrade(false);
        }
        this.client = vertx.createHttpClient(tls == null ? options : secured(options, tls), new PoolOptions());
    }

    private static HttpClientOptions secured(HttpClientOptions options, BackendTls tls) {
        X509ExtendedKeyManager key = tls.key();
        if (key != null) {
            options.setKeyCertOptions(KeyCertOptions.wrap(key));
        }
        return options.setSsl(true)
                .setTrustOptions(TrustOptions.wrap(tls.trust()))
                .setVerifyHost(tls.settings().verify())
                .setForceSni(tls.settings().serverName() != null);
    }

    Future<HttpClientConnection> connect(Backend backend) {
        return client.connect(new HttpConnectOptions()
                .setServer(SocketAddress.inetSocketAddress(backend.port(), backend.host()))
                .setHost(serverName == null ? backend.host() : serverName)
                .setPort(backend.port()));
    }

    /**
     * Sends one GET and waits for the whole response. Never fails: what goes wrong is in the result. After {@code timeout} the connection is
     * closed.
     */
    Future<Outcome> probe(HttpClientConnection connection, Backend backend, String path, ProbeSettings settings) {
        Promise<Outcome> done = Promise.promise();
        long startedAt = nanoTime.getAsLong();
        long timer = vertx.setTimer(settings.timeout().toMillis(), late -> {
            done.tryComplete(Outcome.failed(failed(startedAt, "no answer in time")));
            connection.close();
        });
        connection
                .request(new RequestOptions().setMethod(HttpMethod.GET).setURI(path))
                .compose(request -> send(request, backend, settings))
                .compose(response -> answered(response, startedAt, settings.expected()))
                .otherwise(cause -> Outcome.failed(failed(startedAt, reason(cause))))
                .onComplete(outcome -> {
                    vertx.cancelTimer(timer);
                    done.tryComplete(outcome.result());
                });
        return done.future();
    }

    private static Future<HttpClientResponse> send(HttpClientRequest request, Backend backend, ProbeSettings settings) {
        request.exceptionHandler(ignored -> {});
        request.headers()
                .set("Host", settings.host().isEmpty() ? backend.address() : settings.host())
                .set("User-Agent", USER_AGENT);
        return request.send();
    }

    private Future<Outcome> answered(HttpClientResponse response, long startedAt, ExpectedResponse expected) {
        if (!expected.isStatus(response.statusCode()) || expected.body().isEmpty()) {
            return response.end()
                    .map(ended -> outcome(response, startedAt, expected.isStatus(response.statusCode()), null));
        }
        Buffer start = Buffer.buffer();
        response.handler(part -> start.appendBuffer(
                part, 0, Math.min(part.length(), ExpectedResponse.MAX_BODY_BYTES + 1 - start.length())));
        return response.end().map(ended -> {
            String complaint = complaint(start, expected);
            return outcome(response, startedAt, complaint == null, complaint);
        });
    }

    private static @Nullable String complaint(Buffer body, ExpectedResponse expected) {
        if (body.length() > ExpectedResponse.MAX_BODY_BYTES) {
            return "the body is longer than " + ExpectedResponse.MAX_BODY_BYTES + " bytes";
        }
        return body.toString().contains(expected.body()) ? null : "the body does not contain " + expected.body();
    }

    private Outcome outcome(HttpClientResponse response, long startedAt, boolean passed, @Nullable String complaint) {
        ProbeResult result = new ProbeResult(
                passed,
                response.statusCode(),
                millisSince(startedAt),
                response.getHeader(INSTANCE_ID),
                response.getHeader(CONFIG_HASH),
                complaint);
        boolean drains = "drain".equalsIgnoreCase(response.getHeader(BACKEND_STATE));
        return new Outcome(result, isReusable(response), drains);
    }

    /** RFC 9112 §9.3: HTTP/1.1 persists unless it says otherwise, HTTP/1.0 only if it says so. */
    private static boolean isReusable(HttpClientResponse response) {
        String header = response.getHeader("Connection");
        String options = header == null ? "" : header.toLowerCase(Locale.ROOT);
        if (response.version() == HttpVersion.HTTP_1_0 && !options.contains("keep-alive")) {
            return false;
        }
        return !options.contains("close");
    }

    /** A result for a check that got no response. */
    ProbeResult failed(long startedAt, String why) {
        return new ProbeResult(false, null, millisSince(startedAt), null, null, why);
    }

    static String reason(@Nullable Throwable cause) {
        HandshakeFailure tls = HandshakeFailure.of(cause);
        if (cause != null && tls != null) {
            return tls.describe(cause);
        }
        String message = cause == null ? null : cause.getMessage();
        return message == null ? String.valueOf(cause) : message;
    }

    private long millisSince(long startedAt) {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - startedAt);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    void close() {
        client.close();
    }

    /** For people: what a result amounts to. */
    static String describe(ProbeResult result) {
        if (result.status() == null) {
            return String.valueOf(result.error());
        }
        String answer = result.status() + " in " + result.durationMillis() + " ms";
        return result.error() == null ? answer : answer + ", " + result.error();
    }
}
