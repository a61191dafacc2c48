package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try against one backend: takes or opens a connection, writes the request, reads the response head and hands the response to its exchange.
 * Ends exactly once, in {@link #finish}; that gives the lease back and decides what becomes of the connection.
 *
 * <p>A connection is reused only when request and response have both ended on it in order. In every other case it is closed: resetting a request
 * that the backend has answered already would leave a connection that never answers again.
 */
final class Attempt implements FinishedAttempt {
    private enum Phase {
        CONNECTING,
        SENDING,
        AWAITING_HEAD,
        KEEPING,
        RELAYING,
        DONE
    }

    /** Only read by the client; method and target are set on each request. */
    private static final RequestOptions ANY_REQUEST = new RequestOptions();

    /** The largest error response that is kept while another attempt is made. */
    private static final int MAX_KEPT_BYTES = 64 * 1024;

    private final Exchange exchange;
    private final Lease lease;
    private final @Nullable Attempt previous;
    private final long startedAt;

    private Phase phase = Phase.CONNECTING;
    private @Nullable UpstreamConnection connection;
    private boolean reused;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean closes;
    private @Nullable Failure failure;
    private int status;
    private long headAt;
    private long endedAt;

    Attempt(Exchange exchange, Lease lease, @Nullable Attempt previous, long now) {
        this.exchange = exchange;
        this.lease = lease;
        this.previous = previous;
        this.startedAt = now;
    }

    void start() {
        UpstreamConnections connections = exchange.loop().connections();
        UpstreamConnection idle = connections.poll(lease.backend(), !exchange.isRepeatable());
        if (idle != null) {
            reused = true;
            open(idle);
            return;
        }
        exchange.expectConnection();
        connections.connect(lease.backend()).onComplete(this::connected);
    }

    private void connected(AsyncResult<UpstreamConnection> result) {
        if (phase == Phase.DONE) {
            // Given up meanwhile, and with it the lease that vouched for the process at the other end.
            if (result.succeeded()) {
                exchange.loop().connections().discard(result.result());
            }
            return;
        }
        if (result.failed()) {
            exchange.connectFailed(
                    lease.backend(), String.valueOf(result.cause().getMessage()));
            fail(Failure.CONNECT_FAILED);
            return;
        }
        if (lease.backend().mayRunAnotherConfiguration()) {
            // Learnt while it was being opened: it may lead to the new process. A hold does not matter here, the lease
            // came before it.
            exchange.loop().connections().discard(result.result());
            fail(Failure.CONNECTION_LOST_UNSENT);
            return;
        }
        open(result.result());
    }

    private void open(UpstreamConnection taken) {
        connection = taken;
        if (taken.isClosed()) {
            fail(Failure.CONNECTION_LOST_UNSENT);
            return;
        }
        taken.transport().request(ANY_REQUEST).onComplete(this::send);
    }

    private void send(AsyncResult<HttpClientRequest> result) {
        if (phase == Phase.DONE) {
            return;
        }
        if (result.failed()) {
            fail(Failure.CONNECTION_LOST_UNSENT);
            return;
        }
        HttpClientRequest upstream = result.result();
        phase = Phase.SENDING;
        exchange.writeHead(upstream, lease.backend());
        upstream.exceptionHandler(this::broken);
        upstream.response().onComplete(this::answered);
        RequestBody body = exchange.body();
        if (exchange.isUpgrade()) {
            closes = true;
            upstream.connect();
            sent();
        } else if (body == null) {
            upstream.end();
            sent();
        } else {
            exchange.bodyProgressed();
            body.attach(upstream);
        }
    }

    /** The last byte of the request was handed to the transport. */
    void sent() {
        requestEnded = true;
        if (phase == Phase.SENDING) {
            phase = Phase.AWAITING_HEAD;
            exchange.expectHead();
        }
    }

    boolean isSending() {
        return phase == Phase.SENDING;
    }

    private void answered(AsyncResult<HttpClientResponse> result) {
        if (result.failed()) {
            broken(result.cause());
        } else if (phase != Phase.DONE) {
            headReceived(result.result());
        }
    }

    private void headReceived(HttpClientResponse response) {
        status = response.statusCode();
        headAt = exchange.loop().nanoTime();
        response.exceptionHandler(this::broken);
        if (status == 101 && exchange.isUpgrade()) {
            phase = Phase.RELAYING;
            exchange.openTunnel(this, response);
            return;
        }
        if (status < 200) {
            // The HTTP client knows 100 and 103 and takes any other 1xx for the final response, losing the real one.
            fail(Failure.INVALID_RESPONSE);
            return;
        }
        Failure refusal = refusal(response);
        if (refusal != null && exchange.claimsRetry(refusal)) {
            keep(response, refusal);
            return;
        }
        phase = Phase.RELAYING;
        failure = refusal;
        exchange.relay(this, response);
    }

    private @Nullable Failure refusal(HttpClientResponse response) {
        if (status < 500) {
            return null;
        }
        if (status == 503
                && exchange.route().retry().trustNotAccepted()
                && response.headers().contains(HeaderNames.NOT_ACCEPTED)) {
            return Failure.NOT_ACCEPTED;
        }
        return exchange.route().retry().retryOn().contains(status) ? Failure.STATUS_LISTED : null;
    }

    /** Reads an error response to its end before the next attempt: the client may have to be given it, and the connection stays usable. */
    private void keep(HttpClientResponse response, Failure refusal) {
        phase = Phase.KEEPING;
        failure = refusal;
        Buffer body = Buffer.buffer();
        MultiMap headers = response.headers();
        closes |= HopByHop.lists(headers.get(HeaderNames.CONNECTION), "close");
        response.handler(chunk -> {
            if (phase == Phase.KEEPING && body.length() + chunk.length() > MAX_KEPT_BYTES) {
                retryAfter(refusal, null);
            } else if (phase == Phase.KEEPING) {
                body.appendBuffer(chunk);
            }
        });
        response.endHandler(ended -> {
            if (phase == Phase.KEEPING) {
                responseEnded = true;
                retryAfter(refusal, new KeptResponse(status, headers, body));
            }
        });
    }

    private void retryAfter(Failure refusal, @Nullable KeptResponse kept) {
        finish(refusal);
        exchange.retry(refusal, kept);
    }

    /** The connection failed or was closed, or what came on it is no HTTP. May be told more than once. */
    private void broken(Throwable cause) {
        boolean closed = cause instanceof HttpClosedException || cause instanceof IOException;
        switch (phase) {
            case DONE -> {}
            case KEEPING -> retryAfter(Objects.requireNonNull(failure), null);
            case RELAYING -> {
                finish(Failure.RESPONSE_CUT);
                exchange.responseCut(Failure.RESPONSE_CUT);
            }
            case CONNECTING, SENDING, AWAITING_HEAD -> {
                Failure kind = reused ? Failure.STALE_CONNECTION : Failure.CLOSED_WITHOUT_RESPONSE;
                fail(closed ? kind : Failure.INVALID_RESPONSE);
            }
        }
    }

    /** The deadline of the present phase has passed. */
    void timedOut(boolean total) {
        switch (phase) {
            case DONE -> {}
            case CONNECTING -> {
                exchange.connectFailed(lease.backend(), "no connection in time");
                fail(total ? Failure.TOTAL_TIMEOUT : Failure.CONNECT_TIMEOUT);
            }
            case SENDING -> {
                if (exchange.isBlockedByBackend()) {
                    fail(Failure.SEND_TIMEOUT);
                } else {
                    cancel();
                    exchange.fail(Failure.BODY_TIMEOUT);
                }
            }
            case AWAITING_HEAD -> fail(total ? Failure.TOTAL_TIMEOUT : Failure.HEAD_TIMEOUT);
            case KEEPING -> retryAfter(Objects.requireNonNull(failure), null);
            case RELAYING -> {
                boolean client = exchange.isBlockedByClient();
                if (client) {
                    cancel();
                } else {
                    finish(Failure.RESPONSE_TIMEOUT);
                }
                exchange.responseCut(client ? Failure.CLIENT_GONE : Failure.RESPONSE_TIMEOUT);
            }
        }
    }

    private void fail(Failure kind) {
        finish(kind);
        exchange.attemptFailed(kind);
    }

    /** Notes what the response's own head says about its connection. */
    void closesConnection() {
        closes = true;
    }

    /**
     * The response was received completely; a listed status that nobody retried keeps its name. Returns false, and does nothing, when the
     * attempt was over already.
     */
    boolean completed() {
        if (phase == Phase.DONE) {
            return false;
        }
        responseEnded = true;
        finish(failure);
        return true;
    }

    /** Gives up without blaming the backend: the client left, or its request turned out to be unacceptable. */
    void cancel() {
        if (phase == Phase.DONE) {
            return;
        }
        end();
        exchange.loop().observer().attemptEnded(this);
    }

    private void finish(@Nullable Failure kind) {
        failure = kind;
        end();
        boolean counted = kind != null && kind.countsAgainstBackend();
        Backend backend = lease.backend();
        backend.recordOutcome(kind == null ? status < 500 : !counted);
        if (counted) {
            exchange.target().passive().failed(backend, kind == null ? "" : kind.label());
        } else if (kind == null) {
            exchange.target().passive().succeeded(backend);
        }
        exchange.loop().observer().attemptEnded(this);
    }

    private void end() {
        phase = Phase.DONE;
        endedAt = exchange.loop().nanoTime();
        RequestBody body = exchange.body();
        if (body != null) {
            body.detach();
        }
        UpstreamConnection used = connection;
        if (used != null) {
            if (requestEnded && responseEnded && !closes) {
                exchange.loop().connections().giveBack(used);
            } else {
                exchange.loop().connections().discard(used);
            }
        }
        lease.close();
    }

    @Override
    public Backend backend() {
        return lease.backend();
    }

    @Override
    public @Nullable Failure failure() {
        return failure;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public long durationNanos() {
        return endedAt - startedAt;
    }

    @Override
    public long headNanos() {
        return headAt == 0 ? 0 : headAt - startedAt;
    }

    @Override
    public boolean reusedConnection() {
        return reused;
    }

    @Override
    public @Nullable Attempt previous() {
        return previous;
    }
}
