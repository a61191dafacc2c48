package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.sticky.StickyCookie;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One routed client request with all its attempts, until its response is written. Runs on one event loop.
 *
 * <p>Whatever it waits for has one {@link #deadline}; the loop's sweep calls {@link #onDeadline} when that has passed. It ends exactly once, in
 * {@link #finish}, by which time its last attempt has ended too.
 */
final class Exchange extends Sweepable implements FinishedExchange, RequestReceiver {
    private enum Phase {
        GATHERING,
        QUEUED,
        ATTEMPTING,
        RELAYING,
        TUNNELLING,
        DONE
    }

    private final Forwarder loop;
    private final RequestHead head;
    private final Downstream downstream;
    private final Route route;
    private final ForwardingTarget preferred;
    private final @Nullable ForwardingTarget fallback;
    private final String requestId;
    private final boolean repeatable;
    private final @Nullable RequestBody body;
    /** The hash of what the pool hashes on. */
    private final long affinity;
    /** The backend that the client's cookie binds it to. */
    private final @Nullable String boundTo;

    private final long startedAt;

    private Phase phase = Phase.ATTEMPTING;
    private boolean upgrade;
    private long totalDeadline = NEVER;
    private @Nullable Tried tried;
    private boolean waits;
    /** Where the last attempt went. */
    private ForwardingTarget target;

    private boolean usesFallback;

    private int attempts;
    private @Nullable Attempt attempt;
    private @Nullable Failure retriedBecause;
    private boolean timeoutRetried;
    private @Nullable KeptResponse kept;
    private @Nullable ResponseRelay relay;
    private @Nullable Tunnel tunnel;
    private boolean closes;

    private int status;
    private @Nullable Failure failure;
    private long responseBytes;
    private long endedAt;

    /** @param fallback used while nobody in the target is eligible */
    Exchange(
            Forwarder loop,
            RequestHead head,
            Downstream downstream,
            Route route,
            ForwardingTarget target,
            @Nullable ForwardingTarget fallback) {
        this.loop = loop;
        this.head = head;
        this.downstream = downstream;
        this.route = route;
        this.preferred = target;
        this.target = target;
        this.fallback = fallback;
        this.startedAt = loop.nanoTime();
        this.requestId = loop.requestId(head, downstream.peer());
        this.repeatable = head.isIdempotent() || (head.isPostOrPatch() && hasDeliveryId());
        HashKey on = target.pool().hashKey();
        this.affinity = on.kind() == HashKey.Kind.NONE
                ? 0
                : Affinity.key(on, head, loop.requestHeaders().client(head, downstream.peer()));
        this.boundTo = boundTo(target.pool().sticky().orElse(null));
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

    private @Nullable String boundTo(@Nullable StickyCookie sticky) {
        String value = sticky == null ? null : Affinity.cookie(head.fields(), sticky.name());
        return sticky == null || value == null ? null : sticky.backend(value);
    }

    private boolean hasDeliveryId() {
        for (int i = 0; i < route.deliveryIdHeaderCount(); i++) {
            if (head.fields().indexOf(route.deliveryIdHeader(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    void start() {
        loop.track(this);
        loop.budget().requestStarted();
        if (head.contentLength() > route.settings().maxBodyBytes()) {
            fail(Failure.BODY_TOO_LARGE);
            return;
        }
        RequestBody sent = body;
        if (sent == null) {
            bodyComplete();
            tryNext();
            return;
        }
        if (head.expectsContinue()) {
            downstream.sendInterim(100, null);
        }
        if (sent.begin()) {
            phase = Phase.GATHERING;
            deadlineIn(route.sendNanos());
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
        Attempt running = attempt;
        if (running != null && phase != Phase.DONE) {
            running.cancel();
        }
        closes = true;
        fail(kind);
    }

    @Override
    public void clientWritable() {
        if (relay != null) {
            relay.clientWritable();
        }
    }

    // What its body tells.

    void bodyGathered() {
        bodyComplete();
        phase = Phase.ATTEMPTING;
        tryNext();
    }

    private void bodyComplete() {
        totalDeadline = loop.deadlineIn(route.totalNanos());
    }

    void bodyProgressed() {
        if (phase == Phase.GATHERING || (phase == Phase.ATTEMPTING && attempt != null && attempt.isSending())) {
            deadlineIn(route.sendNanos());
        } else if (phase == Phase.RELAYING) {
            progressed();
        }
    }

    void bodyTooLarge() {
        if (phase == Phase.DONE) {
            return;
        }
        boolean answering = phase == Phase.RELAYING;
        Attempt running = attempt;
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
        Objects.requireNonNull(attempt).sent();
    }

    // Attempts.

    private void tryNext() {
        Lease lease = acquire();
        if (lease == null && kept == null && mayWait()) {
            // Once more, since only room that is made from here on is announced.
            lease = acquire();
            if (lease == null) {
                phase = Phase.QUEUED;
                deadline = Math.min(loop.deadlineIn(route.queueNanos()), totalDeadline);
                loop.enqueue(this);
                return;
            }
        }
        if (lease != null) {
            begin(lease);
        } else if (kept != null) {
            passOnKept();
        } else {
            fail(Failure.NO_BACKEND);
        }
    }

    private boolean mayWait() {
        waits = route.queueNanos() > 0 && preferred.pool().pool().tryWait();
        return waits;
    }

    private void endWait() {
        if (waits) {
            waits = false;
            preferred.pool().pool().endWait();
        }
    }

    /** The pool changed while this was waiting for a backend; returns whether it waits no more. */
    boolean tryAgain() {
        if (phase != Phase.QUEUED) {
            return true;
        }
        Lease lease = acquire();
        if (lease == null) {
            return false;
        }
        begin(lease);
        return true;
    }

    private @Nullable Lease acquire() {
        Tried already = tried == null ? Forwarder.NOBODY_TRIED : tried;
        Lease lease = preferred.pool().acquire(already, affinity, boundTo);
        target = preferred;
        usesFallback = false;
        ForwardingTarget other = fallback;
        if (lease == null && other != null) {
            lease = other.pool().acquire(already, affinity);
            target = other;
            usesFallback = true;
        }
        return lease;
    }

    private void begin(Lease lease) {
        endWait();
        phase = Phase.ATTEMPTING;
        attempts++;
        attempt = new Attempt(this, lease, attempt, loop.nanoTime());
        attempt.start();
    }

    void attemptFailed(Failure kind) {
        if (claimsRetry(kind)) {
            retry(kind, null);
        } else if (kept != null) {
            passOnKept();
        } else {
            fail(kind);
        }
    }

    /** Whether another attempt may follow one that failed in this way; if so, it has to: the retry budget was charged. */
    boolean claimsRetry(Failure kind) {
        if (attempts >= route.retry().tries() || loop.now() >= totalDeadline) {
            return false;
        }
        if (body != null && !body.isReplayable()) {
            return false;
        }
        return switch (RetryRule.judge(kind, repeatable, timeoutRetried)) {
            case NO -> false;
            case FREE -> true;
            case WITHIN_BUDGET -> {
                boolean granted = loop.budget().tryRetry();
                if (!granted) {
                    loop.observer().retryBudgetExhausted();
                }
                yield granted;
            }
        };
    }

    void retry(Failure because, @Nullable KeptResponse response) {
        if (tried == null) {
            tried = new Tried();
        }
        tried.add(Objects.requireNonNull(attempt).backend());
        timeoutRetried |= because == Failure.HEAD_TIMEOUT;
        retriedBecause = because;
        if (response != null) {
            kept = response;
        }
        loop.observer().retried(because);
        tryNext();
    }

    void connectFailed(Backend backend, String why) {
        BackendPool pool = target.pool().pool();
        pool.reportUnverified(backend, "connect failed: " + why);
    }

    void expectConnection() {
        deadline = Math.min(loop.deadlineIn(route.connectNanos()), totalDeadline);
    }

    void expectHead() {
        deadline = Math.min(loop.deadlineIn(route.headNanos()), totalDeadline);
    }

    void writeHead(ByteBuf out, Backend backend) {
        loop.requestHeaders()
                .write(head, downstream.peer(), route, backend, requestId, upgrade ? head.upgrade() : null, out);
    }

    // The response.

    void interim(int code, Fields fields) {
        // We answer Expect ourselves, and HTTP/1.0 has no interim responses.
        if (code != 100 && !head.isHttp10()) {
            downstream.sendInterim(code, fields);
        }
    }

    void relay(Attempt answered, Fields fields, boolean framed) {
        phase = Phase.RELAYING;
        dropKept();
        status = answered.status();
        downstream.beginResponse(status);
        copyFields(fields, status == 204);
        bind(answered.backend());
        reportConfiguration(answered.backend(), loop.responseHeaders().configHash());
        RequestBody sent = body;
        boolean early = sent != null && !sent.isSent();
        if (sent != null && early && status >= 300) {
            sent.discard();
        }
        closes = downstream.endHead(framed, closes || early || downstream.isClosing() || head.isLast());
        progressed();
        relay = new ResponseRelay(this, answered, downstream);
    }

    void relayPart(ByteBuf part) {
        Objects.requireNonNull(relay).onPart(part);
    }

    void relayEnd(@Nullable Fields trailers) {
        Objects.requireNonNull(relay).onEnd(trailers);
    }

    void flush() {
        downstream.flush();
    }

    private void copyFields(Fields fields, boolean withoutLength) {
        ResponseHeaders headers = loop.responseHeaders();
        headers.copy(fields, downstream, withoutLength);
        if (!headers.hasRequestId()) {
            downstream.addField(HeaderNames.REQUEST_ID, requestId);
        }
    }

    private void bind(Backend backend) {
        // A client keeps what binds it to the pool that is only away for now.
        StickyCookie sticky = usesFallback ? null : target.pool().sticky().orElse(null);
        if (sticky != null && !backend.id().equals(boundTo)) {
            boolean secure = downstream.peer().scheme().equals("https");
            downstream.addField(HeaderNames.SET_COOKIE, sticky.setCookie(backend.id(), secure));
        }
    }

    private boolean hasNoBody(int code) {
        return code == 204 || code == 304 || head.isHead();
    }

    private void reportConfiguration(Backend backend, @Nullable String hash) {
        BackendPool pool = target.pool().pool();
        List<String> accepted = pool.snapshot().acceptedConfiguration();
        if (hash != null && !accepted.isEmpty() && !accepted.contains(hash)) {
            pool.reportConfiguration(backend, hash);
        }
    }

    /** A part of the response moved on, in either direction. */
    void progressed() {
        deadlineIn(route.idleNanos());
    }

    void relayed(long bytes) {
        responseBytes = bytes;
        finish(null);
    }

    /** The response cannot be completed; the client must be able to tell. */
    void responseCut(Failure kind) {
        ResponseRelay relaying = relay;
        responseBytes = relaying == null ? 0 : relaying.bytes();
        // First, or the end of the exchange would end the response in order.
        downstream.abort();
        finish(kind);
    }

    private void passOnKept() {
        KeptResponse last = Objects.requireNonNull(kept);
        kept = null;
        status = last.status();
        downstream.beginResponse(status);
        boolean bodiless = hasNoBody(status);
        copyFields(last.fields(), !bodiless);
        RequestBody sent = body;
        boolean unread = sent != null && !sent.isEnded();
        if (!bodiless) {
            responseBytes = last.body().readableBytes();
            downstream.addField(HeaderNames.CONTENT_LENGTH, String.valueOf(responseBytes));
        }
        closes = downstream.endHead(true, closes || unread || downstream.isClosing() || head.isLast());
        if (bodiless) {
            last.body().release();
        } else {
            downstream.sendPart(last.body());
        }
        downstream.endResponse(null);
        downstream.flush();
        finish(retriedBecause);
    }

    private void dropKept() {
        KeptResponse dropped = kept;
        if (dropped != null) {
            kept = null;
            dropped.body().release();
        }
    }

    /** Answers by itself, unless the client was sent something already. */
    void fail(Failure kind) {
        if (phase == Phase.DONE) {
            return;
        }
        if (downstream.isHeadSent()) {
            responseCut(kind);
            return;
        }
        RequestBody sent = body;
        boolean unread = sent != null && !sent.isEnded();
        status = kind.status();
        responseBytes = Answers.length(kind);
        closes = Answers.send(
                downstream,
                kind,
                requestId,
                head.isHead(),
                closes || unread || downstream.isClosing() || head.isLast());
        finish(kind);
    }

    /** A bug ended it; whatever it holds is given back. */
    void crashed() {
        closes = true;
        Attempt running = attempt;
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
        Attempt running = attempt;
        if (running != null) {
            running.cancel();
        }
        ResponseRelay relaying = relay;
        responseBytes = relaying == null ? 0 : relaying.bytes();
        status = Failure.CLIENT_GONE.status();
        finish(Failure.CLIENT_GONE);
    }

    // Upgrades.

    void openTunnel(Attempt answered, UpstreamConnection upstream, Fields fields) {
        phase = Phase.TUNNELLING;
        status = 101;
        downstream.beginResponse(status);
        copyFields(fields, true);
        downstream.addField(HeaderNames.CONNECTION, "upgrade");
        String protocol = fields.valueOf("upgrade");
        downstream.addField(HeaderNames.UPGRADE, protocol == null ? "" : protocol);
        downstream.endHead(true, false);
        downstream.flush();
        closes = true;
        progressed();
        tunnel = new Tunnel(this, answered, downstream, upstream);
    }

    /** @param atMostNanos how long it may be silent now, if the route does not say less */
    void tunnelProgressed(long atMostNanos) {
        deadlineIn(Math.min(atMostNanos, route.idleNanos()));
    }

    void tunnelClosed(long bytes) {
        responseBytes = bytes;
        finish(null);
    }

    // The end.

    private void finish(@Nullable Failure kind) {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        failure = kind;
        endedAt = loop.nanoTime();
        loop.untrack(this);
        endWait();
        dropKept();
        RequestBody sent = body;
        if (sent != null) {
            sent.discard();
        }
        loop.observer().exchangeEnded(this);
        downstream.exchangeEnded(closes);
    }

    private void deadlineIn(long nanos) {
        deadline = loop.deadlineIn(nanos);
    }

    @Override
    void onDeadline(long now) {
        deadline = NEVER;
        switch (phase) {
            case GATHERING -> fail(Failure.BODY_TIMEOUT);
            case QUEUED -> fail(Failure.NO_BACKEND);
            case ATTEMPTING, RELAYING -> Objects.requireNonNull(attempt).timedOut(now >= totalDeadline);
            case TUNNELLING -> {
                Tunnel open = tunnel;
                if (open != null) {
                    open.close();
                }
            }
            case DONE -> {}
        }
    }

    boolean isBlockedByBackend() {
        return body != null && body.isBlockedByBackend();
    }

    boolean isBlockedByClient() {
        return relay != null && relay.isBlocked();
    }

    Forwarder loop() {
        return loop;
    }

    ForwardingTarget target() {
        return target;
    }

    @Nullable
    RequestBody body() {
        return body;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    boolean isOver() {
        return phase == Phase.DONE;
    }

    boolean isHeadRequest() {
        return head.isHead();
    }

    boolean isUpgrade() {
        return upgrade;
    }

    @Override
    public String method() {
        return head.method();
    }

    @Override
    public String requestTarget() {
        return head.requestTarget();
    }

    @Override
    public String host() {
        String host = head.host();
        return host == null ? "" : host;
    }

    @Override
    public String protocol() {
        return head.protocol();
    }

    @Override
    public DownstreamPeer peer() {
        return downstream.peer();
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public Route route() {
        return route;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public @Nullable Failure failure() {
        return failure;
    }

    @Override
    public long requestBytes() {
        return body == null ? 0 : body.received();
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public long durationNanos() {
        return endedAt - startedAt;
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public @Nullable Attempt lastAttempt() {
        return attempt;
    }
}
