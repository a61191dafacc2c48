package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.tls.BackendTransport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try against one backend: takes or opens a connection, writes the request, reads the response head and hands the response to its exchange.
 * Ends exactly once, in {@link #finish}; that gives the lease back and decides what becomes of the connection.
 *
 * <p>A connection is reused only when request and response have both ended on it in order. In every other case it is closed: resetting a request
 * that the backend has answered already would leave a connection that never answers again.
 */
final class Attempt implements FinishedAttempt, UpstreamSource.Opened, Upstream.Receiver {
    private enum Phase {
        CONNECTING,
        SENDING,
        AWAITING_HEAD,
        KEEPING,
        RELAYING,
        DONE
    }

    /** The largest error response that is kept while another attempt is made. */
    private static final int MAX_KEPT_BYTES = 64 * 1024;

    private final Exchange exchange;
    private final Lease lease;
    private final @Nullable Attempt previous;
    private final long startedAt;

    private Phase phase = Phase.CONNECTING;
    private UpstreamSource.@Nullable Opening opening;
    private @Nullable Upstream connection;
    private boolean reused;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean closes;
    private @Nullable Failure failure;
    private @Nullable Fields keptFields;
    private @Nullable ByteBuf keptBody;
    private int status;
    private long connectedAt;
    private long headAt;
    private long endedAt;

    Attempt(Exchange exchange, Lease lease, @Nullable Attempt previous, long now) {
        this.exchange = exchange;
        this.lease = lease;
        this.previous = previous;
        this.startedAt = now;
    }

    void start() {
        BackendTransport transport = exchange.target().transport();
        UpstreamSource upstreams = exchange.loop().upstreams(transport.http2());
        Upstream idle = upstreams.poll(lease.backend(), transport.tls(), !exchange.isRepeatable());
        if (idle != null) {
            reused = true;
            open(idle);
            return;
        }
        exchange.expectConnection();
        UpstreamSource.Opening begun = upstreams.connect(lease.backend(), transport.tls(), this);
        if (phase == Phase.CONNECTING) {
            opening = begun;
        }
    }

    @Override
    public void failed(Throwable cause) {
        opening = null;
        if (phase != Phase.DONE) {
            exchange.connectFailed(lease.backend(), ConnectFailures.describe(cause));
            fail(ConnectFailures.kind(cause));
        }
    }

    @Override
    public void opened(Upstream opened) {
        opening = null;
        if (phase == Phase.DONE) {
            // Given up meanwhile, and with it the lease that vouched for the process at the other end.
            opened.leave(false);
        } else if (lease.backend().mayRunAnotherConfiguration()) {
            // Learnt while it was being opened: it may lead to the new process. A hold does not matter here, the lease
            // came before it.
            opened.leave(false);
            fail(Failure.CONNECTION_LOST_UNSENT);
        } else {
            connectedAt = exchange.loop().nanoTime();
            open(opened);
        }
    }

    private void open(Upstream taken) {
        connection = taken;
        if (taken.isClosed()) {
            fail(Failure.CONNECTION_LOST_UNSENT);
            return;
        }
        phase = Phase.SENDING;
        taken.begin(this, exchange.isHeadRequest());
        exchange.writeHead(taken.buffer(), lease.backend());
        RequestBody body = exchange.body();
        if (exchange.isUpgrade() || body == null) {
            closes |= exchange.isUpgrade();
            taken.endRequest(false, null);
            taken.flush();
            sent();
        } else {
            exchange.bodyProgressed();
            body.attach(taken);
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

    @Override
    public void interim(int interimStatus, Fields fields) {
        exchange.interim(interimStatus, fields);
    }

    @Override
    public void answered(int code, Fields fields, boolean framed, boolean declaresContent) {
        status = code;
        headAt = exchange.loop().nanoTime();
        if (status == 101) {
            if (exchange.isUpgrade()) {
                phase = Phase.RELAYING;
                exchange.openTunnel(this, Objects.requireNonNull(connection), fields);
            } else {
                fail(Failure.INVALID_RESPONSE);
            }
            return;
        }
        if (status == 204 && declaresContent) {
            // That body would be left on the connection, in front of somebody else's response.
            closes = true;
        }
        Failure refusal = refusal(fields);
        if (refusal != null && exchange.claimsRetry(refusal)) {
            phase = Phase.KEEPING;
            failure = refusal;
            if (ResponseHeaders.drains(fields)) {
                // Before the next attempt is made.
                exchange.backendDrains(lease.backend());
            }
            keptFields = fields.copy();
            RequestBody body = exchange.body();
            if (body != null) {
                // What it goes on sending would grow past what can be repeated, and this backend does not want it.
                body.detach();
            }
            return;
        }
        phase = Phase.RELAYING;
        failure = refusal;
        exchange.relay(this, fields, framed);
    }

    private @Nullable Failure refusal(Fields fields) {
        if (status < 500) {
            return null;
        }
        if (status == 503
                && exchange.route().retry().trustNotAccepted()
                && fields.indexOf(KnownField.WEBHOOK_NOT_ACCEPTED) >= 0) {
            return Failure.NOT_ACCEPTED;
        }
        return exchange.route().retry().retryOn().contains(status) ? Failure.STATUS_LISTED : null;
    }

    @Override
    public void partReceived(ByteBuf part) {
        switch (phase) {
            case RELAYING -> exchange.relayPart(part);
            case KEEPING -> keep(part);
            default -> part.release();
        }
    }

    /** An error response is read to its end before the next attempt: the client may have to be given it, and the connection stays usable. */
    private void keep(ByteBuf part) {
        ByteBuf body = keptBody;
        if (body == null) {
            body = Unpooled.buffer();
            keptBody = body;
        }
        boolean fits = body.readableBytes() + part.readableBytes() <= MAX_KEPT_BYTES;
        if (fits) {
            body.writeBytes(part);
        }
        part.release();
        if (!fits) {
            retryAfter(Objects.requireNonNull(failure), null);
        }
    }

    @Override
    public void responseEnded(@Nullable Fields trailers) {
        if (phase == Phase.RELAYING) {
            exchange.relayEnd(trailers);
        } else if (phase == Phase.KEEPING) {
            responseEnded = true;
            ByteBuf body = keptBody == null ? Unpooled.EMPTY_BUFFER : keptBody;
            Fields fields = Objects.requireNonNull(keptFields);
            retryAfter(Objects.requireNonNull(failure), new KeptResponse(status, fields, body));
        }
    }

    @Override
    public void readComplete() {
        if (phase == Phase.RELAYING) {
            exchange.flush();
        }
    }

    @Override
    public void writable() {
        RequestBody body = exchange.body();
        if (body != null) {
            body.sinkWritable();
        }
    }

    void setReading(boolean reading) {
        Upstream used = connection;
        if (used != null && phase != Phase.DONE) {
            used.setReading(reading);
        }
    }

    private void retryAfter(Failure refusal, @Nullable KeptResponse kept) {
        finish(refusal);
        exchange.retry(refusal, kept);
    }

    @Override
    public void broken(Upstream.Break how) {
        switch (phase) {
            case DONE -> {}
            case KEEPING -> retryAfter(Objects.requireNonNull(failure), null);
            case RELAYING -> {
                finish(Failure.RESPONSE_CUT);
                exchange.responseCut(Failure.RESPONSE_CUT);
            }
            case CONNECTING, SENDING, AWAITING_HEAD -> fail(withoutResponse(how));
        }
    }

    private Failure withoutResponse(Upstream.Break how) {
        return switch (how) {
            case CLOSED -> reused ? Failure.STALE_CONNECTION : Failure.CLOSED_WITHOUT_RESPONSE;
            case TLS -> reused ? Failure.STALE_CONNECTION : Failure.TLS_REFUSED;
            case RESET -> Failure.CLOSED_WITHOUT_RESPONSE;
            case INVALID -> Failure.INVALID_RESPONSE;
            case REFUSED -> Failure.STREAM_REFUSED;
        };
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
                if (client) {
                    exchange.clientStalled();
                } else {
                    exchange.responseCut(Failure.RESPONSE_TIMEOUT);
                }
            }
        }
    }

    private void fail(Failure kind) {
        finish(kind);
        exchange.attemptFailed(kind);
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
            exchange.target().passive().failed(lease, kind == null ? "" : kind.label());
        } else if (kind == null) {
            exchange.target().passive().succeeded(lease);
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
        UpstreamSource.Opening unopened = opening;
        if (unopened != null) {
            opening = null;
            unopened.cancel();
        }
        Upstream used = connection;
        if (used != null) {
            used.leave(requestEnded && responseEnded && !closes);
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
    public long connectNanos() {
        return connectedAt == 0 ? 0 : connectedAt - startedAt;
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
