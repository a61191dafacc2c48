package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.route.Route;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One routed client request with all its attempts, until its response is written. Runs on one event loop.
 *
 * <p>Whatever it waits for has one {@link #deadline}; the loop's sweep calls {@link #onDeadline} when that has passed. It ends exactly once, in
 * {@link #finish}, by which time its last attempt has ended too.
 */
final class Exchange extends RoutedExchange implements RequestReceiver {
    private enum Phase {
        GATHERING,
        QUEUED,
        ATTEMPTING,
        RELAYING,
        TUNNELLING,
        DONE
    }

    private final Attempts attempts;
    private final @Nullable HeaderRules requestRules;
    private final @Nullable RequestBody body;
    private final ClientResponse response;
    private final boolean upgrade;

    private Phase phase = Phase.ATTEMPTING;
    private long totalDeadline = NEVER;
    private @Nullable Tunnel tunnel;

    /** @param fallback used while nobody in the target is well, or all who are were tried */
    Exchange(
            Forwarder loop,
            RequestHead head,
            Downstream downstream,
            Route route,
            @Nullable HeaderRules requestRules,
            ForwardingTarget target,
            @Nullable ForwardingTarget fallback) {
        super(loop, head, downstream, route);
        this.attempts = new Attempts(loop, head, downstream.peer(), route, target, fallback);
        this.response = new ClientResponse(this, downstream);
        this.requestRules = requestRules;
        this.upgrade = route.settings().upgrade() && head.upgrade() != null;
        this.body = head.hasBody()
                ? new RequestBody(
                        this,
                        downstream,
                        head.contentLength(),
                        route.settings().maxBodyBytes(),
                        new ReplayWindow(loop.replayMemory(), route.retry().replayBytes()))
                : null;
    }

    void start() {
        loop().track(this);
        loop().budget().requestStarted();
        if (head().contentLength() > route().settings().maxBodyBytes()) {
            fail(Failure.BODY_TOO_LARGE);
            return;
        }
        RequestBody sent = body;
        if (sent == null) {
            bodyComplete();
            tryNext();
            return;
        }
        if (head().expectsContinue()) {
            downstream().sendInterim(100, null);
        }
        if (sent.begin()) {
            phase = Phase.GATHERING;
            deadlineIn(route().sendNanos());
        } else {
            tryNext();
        }
    }

    // What the client does.

    @Override
    public void bodyReceived(ByteBuf part) {
        RequestBody sent = body;
        if (sent == null) {
            part.release();
        } else {
            sent.onPart(part);
        }
    }

    @Override
    public void bodyEnded(@Nullable Fields trailers) {
        if (body != null) {
            body.onEnd(trailers);
        }
    }

    @Override
    public void readComplete() {
        if (body != null) {
            body.flush();
        }
    }

    @Override
    public void bodyMalformed() {
        refuseBody(Failure.BAD_REQUEST);
    }

    @Override
    public void bodyTooSlow() {
        refuseBody(Failure.BODY_TIMEOUT);
    }

    private void refuseBody(Failure kind) {
        Attempt running = attempts.last();
        if (running != null && phase != Phase.DONE) {
            running.cancel();
        }
        response.close();
        fail(kind);
    }

    @Override
    public void writable() {
        response.clientWritable();
    }

    // What its body tells.

    void bodyGathered() {
        bodyComplete();
        phase = Phase.ATTEMPTING;
        tryNext();
    }

    private void bodyComplete() {
        totalDeadline = loop().deadlineIn(route().totalNanos());
    }

    void bodyProgressed() {
        if (phase == Phase.GATHERING || (phase == Phase.ATTEMPTING && isSending())) {
            deadlineIn(route().sendNanos());
        } else if (phase == Phase.RELAYING) {
            progressed();
        }
    }

    private boolean isSending() {
        Attempt running = attempts.last();
        return running != null && running.isSending();
    }

    void bodyTooLarge() {
        if (phase == Phase.DONE) {
            return;
        }
        boolean answering = phase == Phase.RELAYING;
        Attempt running = attempts.last();
        if (running != null) {
            running.cancel();
        }
        if (answering) {
            // The response is the backend's already, whether or not its head has left.
            responseCut(Failure.BODY_TOO_LARGE);
        } else {
            fail(Failure.BODY_TOO_LARGE);
        }
    }

    void requestSent() {
        if (totalDeadline == NEVER) {
            bodyComplete();
        }
        Objects.requireNonNull(attempts.last()).sent();
    }

    // Attempts.

    private void tryNext() {
        Lease lease = attempts.acquire();
        if (lease == null && !attempts.hasKept() && attempts.tryWait()) {
            // Once more, since only room that is made from here on is announced.
            lease = attempts.acquire();
            if (lease == null) {
                phase = Phase.QUEUED;
                attempts.startWait();
                deadline = Math.min(loop().deadlineIn(route().queueNanos()), totalDeadline);
                loop().enqueue(this);
                return;
            }
        }
        if (lease != null) {
            begin(lease);
        } else if (attempts.hasKept()) {
            passOnKept();
        } else {
            fail(Failure.NO_BACKEND);
        }
    }

    /** The pool changed while this was waiting for a backend; returns whether it waits no more. */
    boolean tryAgain() {
        if (phase != Phase.QUEUED) {
            return true;
        }
        Lease lease = attempts.acquire();
        if (lease == null) {
            return false;
        }
        begin(lease);
        return true;
    }

    private void begin(Lease lease) {
        phase = Phase.ATTEMPTING;
        attempts.begin(this, lease).start();
    }

    void attemptFailed(Failure kind) {
        if (claimsRetry(kind)) {
            retry(kind, null);
        } else if (attempts.hasKept()) {
            passOnKept();
        } else {
            fail(kind);
        }
    }

    /** Whether another attempt may follow one that failed in this way; if so, it has to. */
    boolean claimsRetry(Failure kind) {
        return loop().now() < totalDeadline && attempts.claimRetry(kind, body);
    }

    void retry(Failure because, @Nullable KeptResponse response) {
        attempts.retried(because, response);
        tryNext();
    }

    void backendDrains(Backend backend) {
        attempts.reportDraining(backend);
    }

    void connectFailed(Backend backend, String why) {
        attempts.connectFailed(backend, why);
    }

    void expectConnection() {
        deadline = Math.min(loop().deadlineIn(route().connectNanos()), totalDeadline);
    }

    void expectHead() {
        deadline = Math.min(loop().deadlineIn(route().headNanos()), totalDeadline);
    }

    void writeHead(ByteBuf out, Backend backend) {
        loop().requestHeaders().write(this, requestRules, backend, upgrade ? head().upgrade() : null, out);
    }

    // The response.

    void interim(int code, Fields fields) {
        // We answer Expect ourselves, and HTTP/1.0 has no interim responses.
        if (code != 100 && !head().isHttp10()) {
            downstream().sendInterim(code, fields);
        }
    }

    void relay(Attempt answered, Fields fields, boolean framed) {
        phase = Phase.RELAYING;
        attempts.dropKept();
        RequestBody sent = body;
        boolean early = sent != null && !sent.isSent();
        response.begin(answered, fields, framed, early, attempts);
        attempts.report(answered.backend(), loop().responseHeaders());
        if (sent != null && early && answered.status() >= 300) {
            sent.discard();
        }
        progressed();
    }

    void relayPart(ByteBuf part) {
        response.onPart(part);
    }

    void relayEnd(@Nullable Fields trailers) {
        response.onEnd(trailers);
    }

    void flush() {
        downstream().flush();
    }

    /** A part of the response moved on, in either direction. */
    void progressed() {
        deadlineIn(route().idleNanos());
    }

    void relayed(long bytes) {
        answeredBytes(bytes);
        finish(null);
    }

    /** The response cannot be completed; the client must be able to tell. */
    void responseCut(Failure kind) {
        answeredBytes(response.bytes());
        // First, or the end of the exchange would end the response in order.
        downstream().abort();
        finish(kind);
    }

    /** The client stopped reading. */
    void clientStalled() {
        noteClientStalled();
        responseCut(Failure.CLIENT_GONE);
    }

    private void passOnKept() {
        response.send(attempts.takeKept(), hasUnreadBody());
        finish(attempts.retriedBecause());
    }

    private boolean hasUnreadBody() {
        return body != null && !body.isEnded();
    }

    /** Answers by itself, unless the client was sent something already. */
    void fail(Failure kind) {
        if (phase == Phase.DONE) {
            return;
        }
        if (downstream().isHeadSent()) {
            responseCut(kind);
            return;
        }
        response.refuse(kind, hasUnreadBody());
        finish(kind);
    }

    /** A bug ended it; whatever it holds is given back. */
    void crashed() {
        response.close();
        Attempt running = attempts.last();
        if (running != null) {
            running.cancel();
        }
        fail(Failure.INTERNAL_ERROR);
    }

    @Override
    public void clientGone() {
        if (phase == Phase.DONE || phase == Phase.TUNNELLING) {
            return;
        }
        Attempt running = attempts.last();
        if (running != null) {
            running.cancel();
        }
        answeredBytes(response.bytes());
        answeredWith(Failure.CLIENT_GONE.status());
        finish(Failure.CLIENT_GONE);
    }

    // Upgrades.

    void openTunnel(Attempt answered, Upstream upstream, Fields fields) {
        phase = Phase.TUNNELLING;
        response.beginTunnel(fields);
        progressed();
        String protocol = fields.valueOf("upgrade");
        boolean webSocket = protocol != null && protocol.equalsIgnoreCase("websocket");
        tunnel = new Tunnel(this, answered, downstream(), upstream, webSocket);
    }

    /** @param atMostNanos how long it may be silent now, if the route does not say less */
    void tunnelProgressed(long atMostNanos) {
        deadlineIn(Math.min(atMostNanos, route().idleNanos()));
    }

    void tunnelClosed(long bytes) {
        answeredBytes(bytes);
        finish(null);
    }

    // The end.

    private void finish(@Nullable Failure kind) {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        loop().untrack(this);
        attempts.endWait();
        attempts.dropKept();
        RequestBody sent = body;
        if (sent != null) {
            sent.discard();
        }
        announceEnd(kind, response.closes());
    }

    private void deadlineIn(long nanos) {
        deadline = loop().deadlineIn(nanos);
    }

    @Override
    void onDeadline(long now) {
        deadline = NEVER;
        switch (phase) {
            case GATHERING -> fail(Failure.BODY_TIMEOUT);
            case QUEUED -> {
                attempts.waitTimedOut();
                fail(Failure.NO_BACKEND);
            }
            case ATTEMPTING, RELAYING -> Objects.requireNonNull(attempts.last()).timedOut(now >= totalDeadline);
            case TUNNELLING -> {
                Tunnel open = tunnel;
                if (open != null) {
                    open.timedOut();
                }
            }
            case DONE -> {}
        }
    }

    boolean isBlockedByBackend() {
        return body != null && body.isBlockedByBackend();
    }

    boolean isBlockedByClient() {
        return response.isBlocked();
    }

    ForwardingTarget target() {
        return attempts.target();
    }

    @Nullable
    RequestBody body() {
        return body;
    }

    boolean isRepeatable() {
        return attempts.isRepeatable();
    }

    boolean isOver() {
        return phase == Phase.DONE;
    }

    boolean isHeadRequest() {
        return head().isHead();
    }

    boolean isUpgrade() {
        return upgrade;
    }

    @Override
    public long requestBytes() {
        return body == null ? 0 : body.received();
    }

    @Override
    public int attempts() {
        return attempts.count();
    }

    @Override
    public @Nullable Attempt lastAttempt() {
        return attempts.last();
    }
}
