package io.sluice.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.limit.RunningRequests;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.route.HeaderTemplate;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards the requests of one event loop. Everything it owns is used on that loop alone: connections to backends, the exchanges that run, and
 * their deadlines. Instead of a timer for each wait there is one sweep over all exchanges every {@value #SWEEP_MILLIS} ms, so that setting a
 * deadline is one assignment; deadlines are met up to that much late, never early.
 */
public final class Forwarder {
    /** How often {@link #sweep()} has to be called. */
    public static final long SWEEP_MILLIS = 50;

    static final Tried NOBODY_TRIED = new Tried();

    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS);
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    /** A request that came through this proxy so often runs in circles. */
    private static final int MAX_PASSES = 8;

    private final String[] healthPaths;
    private final LiveRouting routing;
    private final ListenerShare share;
    private final EventLoop eventLoop;
    private final ExchangeObserver observer;
    private final LongSupplier nanoTime;
    private final long epoch;
    private final UpstreamSource connections;
    private final UpstreamSource http2Connections;
    private final RetryBudget budget;
    private final DateText date;
    private final OpenTunnels tunnels;
    private final @Nullable TraceContexts traces;
    private final RequestHeaders requestHeaders;
    private final ResponseHeaders responseHeaders = new ResponseHeaders();
    private final RequestIds requestIds = new RequestIds();
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();

    /** Written on the loop, read by whoever changes the pool. */
    private volatile boolean hasWaiting;

    private LoopRoutes routes;
    private @Nullable Sweepable firstTracked;
    private boolean cutting;
    private long now;

    /**
     * To be made on the event loop that it will serve.
     *
     * @param client makes channels to backends on that loop
     * @param share what the event loops of the listener have in common
     * @param nanoTime monotonic
     */
    public Forwarder(
            Bootstrap client,
            ForwarderSettings settings,
            LiveRouting routing,
            ListenerShare share,
            ExchangeObserver observer,
            LongSupplier nanoTime) {
        this.healthPaths = settings.healthPaths().toArray(String[]::new);
        this.routing = routing;
        this.share = share;
        this.eventLoop = client.config().group().next();
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.epoch = nanoTime.getAsLong();
        this.connections = new UpstreamConnections(client, settings.upstream(), this::nanoTime);
        this.http2Connections = new Http2UpstreamConnections(client, settings.upstream(), observer, this::nanoTime);
        this.budget = new RetryBudget(nanoTime);
        this.date = new DateText(share.clock());
        this.tunnels = new OpenTunnels(observer);
        this.traces = TraceContexts.of(settings.tracing());
        this.requestHeaders = new RequestHeaders(settings.trustedPeers(), settings.viaName());
        this.routes = new LoopRoutes(this, routing.now());
    }

    private LoopRoutes routes() {
        Routing now = routing.now();
        LoopRoutes known = routes;
        if (known.isOf(now)) {
            return known;
        }
        LoopRoutes next = new LoopRoutes(this, now);
        routes = next;
        return next;
    }

    /**
     * Takes a request from its head to the end of its response.
     *
     * @return who is to be given its body; null when the request was answered already
     */
    public @Nullable RequestReceiver handle(RequestHead head, Downstream downstream) {
        try {
            return route(head, downstream);
        } catch (RuntimeException bug) {
            LOG.error("request failed: {} {}", head.method(), head.requestTarget(), bug);
            if (downstream.isHeadSent()) {
                downstream.abort();
            } else {
                refuse(head, downstream, Failure.INTERNAL_ERROR);
            }
            return null;
        }
    }

    private @Nullable RequestReceiver route(RequestHead head, Downstream downstream) {
        Failure refusal = head.check();
        if (refusal == null && requestHeaders.passes(head) >= MAX_PASSES) {
            refusal = Failure.LOOP_DETECTED;
        }
        if (refusal != null) {
            return refuse(head, downstream, refusal);
        }
        boolean closes = downstream.isClosing() || head.isLast() || head.hasBody();
        if (head.isAsterisk() || head.maxForwards() == 0) {
            String requestId = requestId(head, downstream.peer());
            downstream.exchangeEnded(Answers.sendOptions(downstream, requestId, closes));
            return null;
        }
        if (isHealthPath(head.path())) {
            boolean stopping = share.stopping().getAsBoolean();
            String requestId = requestId(head, downstream.peer());
            downstream.exchangeEnded(Answers.sendHealth(downstream, stopping, requestId, head.isHead(), closes));
            return null;
        }
        if (share.memory().isExceeded()) {
            return refuse(head, downstream, Failure.OVERLOADED);
        }
        LoopRoutes known = routes();
        String scheme = known.dependsOnScheme() ? requestHeaders.scheme(head, downstream.peer()) : "http";
        if (known.answersCors(this, head, scheme, downstream)) {
            return null;
        }
        Route route = known.match(head, scheme);
        if (route == null) {
            return refuseUnrouted(known.table(), head, scheme, downstream);
        }
        return known.pipeline(route).handle(head, downstream);
    }

    private boolean isHealthPath(String path) {
        for (String mine : healthPaths) {
            if (mine.equals(path)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable RequestReceiver refuseUnrouted(
            RouteTable table, RequestHead head, String scheme, Downstream downstream) {
        String allowed = table.allowedMethods(scheme, head.hostName(), head.path());
        return allowed == null
                ? refuse(head, downstream, Failure.NO_ROUTE)
                : refuse(head, downstream, Failure.METHOD_NOT_ALLOWED, HeaderNames.ALLOW, allowed);
    }

    /** Answers a request whose head could not be read. */
    public void refuseMalformed(String startLine, Failure failure, Downstream downstream) {
        String requestId = requestIds.next();
        Answers.send(downstream, failure, requestId, false, true);
        observer.exchangeEnded(Refusal.ofMalformed(startLine, downstream.peer(), requestId, failure));
        downstream.exchangeEnded(true);
    }

    /** Notes a request whose head could not be read and that is not answered, but cut. */
    public void reportMalformed(String startLine, Downstream downstream) {
        observer.exchangeEnded(Refusal.ofMalformed(startLine, downstream.peer(), "", Failure.BAD_REQUEST));
    }

    /** Answers a request that gets no further, whatever is left of its body. */
    @Nullable
    RequestReceiver refuse(RequestHead head, Downstream downstream, Failure failure) {
        return refuse(head, downstream, failure, null, "");
    }

    private @Nullable RequestReceiver refuse(
            RequestHead head, Downstream downstream, Failure failure, byte @Nullable [] extraName, String extraValue) {
        // A refused head may be part of an attack on the framing of this connection: nothing after it is believed.
        boolean trusted = failure == Failure.NO_ROUTE || failure == Failure.METHOD_NOT_ALLOWED;
        boolean closes = !trusted || head.hasBody() || head.isLast() || downstream.isClosing();
        String requestId = requestId(head, downstream.peer());
        boolean closing = Answers.send(downstream, failure, requestId, head.isHead(), closes, extraName, extraValue);
        String client = requestHeaders.client(head, downstream.peer());
        observer.exchangeEnded(new Refusal(head, downstream.peer(), client, requestId, failure));
        downstream.exchangeEnded(closing);
        return null;
    }

    /** Ends what is overdue. */
    public void sweep() {
        now = nanoTime();
        date.refresh();
        Sweepable each = firstTracked;
        while (each != null) {
            // Ending it takes it out of the list.
            Sweepable next = each.nextTracked;
            if (now >= each.deadline) {
                each.onDeadline(now);
            }
            each = next;
        }
        if (hasWaiting) {
            retryWaiting();
        }
        tunnels.sweep(now);
        share.memory().measure();
        connections.sweep(now);
        http2Connections.sweep(now);
    }

    /** The pool may have an eligible backend again. */
    public void retryWaiting() {
        for (int left = waiting.size(); left > 0; left--) {
            Exchange exchange = waiting.remove();
            if (!exchange.tryAgain()) {
                waiting.add(exchange);
            }
        }
        hasWaiting = !waiting.isEmpty();
    }

    /** Whether any exchange waits for a backend. Any thread. */
    public boolean hasWaiting() {
        return hasWaiting;
    }

    /** Closes idle connections to a backend that left the pool or is held. */
    public void closeIdle(Backend backend) {
        connections.closeIdle(backend);
        http2Connections.closeIdle(backend);
    }

    /**
     * Lets the tunnels to some backends go, one after the other: a WebSocket is told, and ends at the end of a frame; any other is closed.
     *
     * @param windowNanos in which time the last has to go
     */
    public void closeTunnels(Predicate<Backend> which, long windowNanos) {
        tunnels.depart(tunnel -> which.test(tunnel.to()), nanoTime(), windowNanos);
    }

    /** What responses have to say in {@code Date}. */
    public String date() {
        return date.text();
    }

    /** As {@link #closeTunnels}, with all of them and those that are opened yet. */
    public void closeAllTunnels(long windowNanos) {
        tunnels.departAll(nanoTime(), windowNanos);
    }

    /** From now on clients do not leave: they are cut off, since the proxy can wait no longer. */
    public void startCutting() {
        cutting = true;
    }

    boolean isCutting() {
        return cutting;
    }

    /** Closes all connections to backends. */
    public void close() {
        connections.closeAll();
        http2Connections.closeAll();
    }

    void track(Sweepable one) {
        Sweepable first = firstTracked;
        one.nextTracked = first;
        if (first != null) {
            first.previousTracked = one;
        }
        firstTracked = one;
    }

    void untrack(Sweepable one) {
        Sweepable before = one.previousTracked;
        Sweepable after = one.nextTracked;
        if (before == null) {
            firstTracked = after;
        } else {
            before.nextTracked = after;
        }
        if (after != null) {
            after.previousTracked = before;
        }
        one.previousTracked = null;
    }

    void enqueue(Exchange exchange) {
        waiting.add(exchange);
        hasWaiting = true;
    }

    /** The loop's time, exact. */
    long nanoTime() {
        return nanoTime.getAsLong() - epoch;
    }

    /** The loop's time as of the last sweep. */
    long now() {
        return now;
    }

    long deadlineIn(long nanos) {
        return now + SWEEP_NANOS + nanos;
    }

    String requestId(RequestHead head, DownstreamPeer peer) {
        String given = head.requestId();
        return given != null && peer.trusted() && RequestIds.isAcceptable(given) ? given : requestIds.next();
    }

    /** What a variable stands for in an answer of the proxy itself. */
    String variable(HeaderTemplate.Variable variable, RequestHead head, OwnExchange exchange) {
        return variable(variable, head, exchange.peer(), exchange.requestId());
    }

    String variable(HeaderTemplate.Variable variable, RequestHead head, DownstreamPeer peer, String requestId) {
        return requestHeaders.variable(variable, head, peer, requestId);
    }

    /** Runs what blocks. */
    void onWorker(Runnable task) {
        share.workers().execute(task);
    }

    /** Runs something on this event loop. Any thread. */
    void onLoop(Runnable task) {
        eventLoop.execute(task);
    }

    ByteBufAllocator allocator() {
        return PooledByteBufAllocator.DEFAULT;
    }

    UpstreamSource upstreams(boolean http2) {
        return http2 ? http2Connections : connections;
    }

    /** Null when trace contexts are left alone. */
    @Nullable
    TraceContexts traces() {
        return traces;
    }

    OpenTunnels tunnels() {
        return tunnels;
    }

    RetryBudget budget() {
        return budget;
    }

    ReplayMemory replayMemory() {
        return share.replayMemory();
    }

    RunningRequests runningRequests() {
        return share.running();
    }

    ExchangeObserver observer() {
        return observer;
    }

    RequestHeaders requestHeaders() {
        return requestHeaders;
    }

    ResponseHeaders responseHeaders() {
        return responseHeaders;
    }
}
