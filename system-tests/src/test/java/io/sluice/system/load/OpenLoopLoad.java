package io.sluice.system.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends POSTs at a constant rate whether or not earlier ones were answered, part of them on fresh connections. Nothing is retried
 * and nothing is skipped, so what the result lacks in 2xx is what a real sender would have lost.
 */
public final class OpenLoopLoad implements AutoCloseable {
    /** Ends a load that a failing test forgot to stop. */
    private static final long MOST_SECONDS = 180;

    private static final double FRESH_SHARE = 0.2;

    private final InetSocketAddress address;
    private final String path;
    private final long intervalNanos;
    private final ConcurrentLinkedDeque<HttpExchange> idle = new ConcurrentLinkedDeque<>();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final ExecutorService senders = Executors.newCachedThreadPool();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread pacer = new Thread(this::pace, "load-pacer");

    private OpenLoopLoad(int port, String path, int perSecond) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.path = path;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    public static OpenLoopLoad start(int port, String path, int perSecond) {
        OpenLoopLoad load = new OpenLoopLoad(port, path, perSecond);
        load.pacer.start();
        return load;
    }

    /** How many requests were answered so far. */
    public int answered() {
        return answers.size();
    }

    /** Stops sending, waits for what runs, and tells how every request ended. */
    public LoadResult stop() throws InterruptedException, IOException {
        stopped.set(true);
        pacer.join();
        senders.shutdown();
        if (!senders.awaitTermination(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("requests still unanswered a minute after the load ended");
        }
        for (HttpExchange connection : idle) {
            connection.close();
        }
        idle.clear();
        return new LoadResult(answers.stream().toList());
    }

    @Override
    public void close() throws IOException {
        if (stopped.get()) {
            return;
        }
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pace() {
        SplittableRandom random = new SplittableRandom(1);
        long start = System.nanoTime();
        for (int n = 0; !stopped.get() && n * intervalNanos < TimeUnit.SECONDS.toNanos(MOST_SECONDS); n++) {
            long due = start + n * intervalNanos;
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            int number = n;
            boolean fresh = random.nextDouble() < FRESH_SHARE;
            senders.execute(() -> answers.add(send(number, fresh)));
        }
    }

    private Answer send(int number, boolean fresh) {
        HttpExchange pooled = fresh ? null : idle.pollLast();
        try {
            HttpExchange connection = pooled == null ? new HttpExchange(address) : pooled;
            try {
                String body = "{\"n\":" + number + ",\"pad\":\"" + "x".repeat(200) + "\"}";
                Answer answer = connection.post(number, path, body, Map.of());
                if (connection.reusable() && !fresh) {
                    idle.addLast(connection);
                } else {
                    connection.close();
                }
                return answer;
            } catch (IOException | RuntimeException e) {
                connection.close();
                return Answer.failed(number, e);
            }
        } catch (IOException e) {
            return Answer.failed(number, e);
        }
    }
}
