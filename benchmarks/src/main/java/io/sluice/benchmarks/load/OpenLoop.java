package io.sluice.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Requests at a fixed rate, whether or not the answers keep up: each has a time at which it is due, and its latency counts from then, so what
 * waits for a free connection, or for this program, is counted too (no coordinated omission). One thread. Arguments: port, path, connections,
 * requests per second, seconds of warm-up, seconds measured, bytes of body (0: GET). Prints one line: all requests, failures after the warm-up (anything but a 2xx), and
 * p50, p90, p99, p99.9 and the longest in microseconds. Linux only: its timers are finer than a millisecond.
 */
public final class OpenLoop {
    private static final int MAX_BODY = 1 << 20;

    private final EventLoop loop;
    private final ByteBuf request;
    private final ArrayDeque<Channel> free = new ArrayDeque<>();
    private final ArrayDeque<Long> due = new ArrayDeque<>();
    private final Histogram microseconds = new Histogram(60_000_000, 3);
    private final CountDownLatch done = new CountDownLatch(1);
    private final double interval;
    private final long total;
    private final long measuredFrom;
    private long begun;
    private long sent;
    private long answered;
    private long failed;

    private OpenLoop(EventLoop loop, String head, byte[] body, double rate, int warmUp, int measured) {
        this.loop = loop;
        this.request = Unpooled.directBuffer();
        request.writeCharSequence(head, StandardCharsets.US_ASCII);
        request.writeBytes(body);
        this.interval = TimeUnit.SECONDS.toNanos(1) / rate;
        this.total = (long) (rate * (warmUp + measured));
        this.measuredFrom = (long) (rate * warmUp);
    }

    public static void main(String[] arguments) throws InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        int connections = Integer.parseInt(arguments[2]);
        byte[] body = new byte[Integer.parseInt(arguments[6])];
        String head = (body.length == 0 ? "GET " : "POST ") + arguments[1] + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\n" + (body.length == 0 ? "" : "Content-Length: " + body.length + "\r\n") + "\r\n";
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            OpenLoop load = new OpenLoop(
                    group.next(),
                    head,
                    body,
                    Double.parseDouble(arguments[3]),
                    Integer.parseInt(arguments[4]),
                    Integer.parseInt(arguments[5]));
            load.connect(port, connections);
            load.loop.execute(load::begin);
            load.done.await();
            load.print();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private void connect(int port, int connections) throws InterruptedException {
        Bootstrap bootstrap =
                new Bootstrap().group(loop).channel(EpollSocketChannel.class).handler(new Pipeline());
        for (int i = 0; i < connections; i++) {
            Channel channel = bootstrap.connect("127.0.0.1", port).sync().channel();
            loop.execute(() -> free.add(channel));
        }
    }

    private void begin() {
        begun = System.nanoTime();
        tick();
    }

    /** Sends what is due by now, and comes back when the next is. */
    private void tick() {
        long now = System.nanoTime();
        while (sent + due.size() < total && dueAt(sent + due.size()) <= now) {
            due.add(dueAt(sent + due.size()));
        }
        send();
        if (sent + due.size() < total) {
            long next = dueAt(sent + due.size()) - System.nanoTime();
            Future<?> unused = loop.schedule(this::tick, Math.max(0, next), TimeUnit.NANOSECONDS);
        }
    }

    private long dueAt(long number) {
        return begun + (long) (number * interval);
    }

    private void send() {
        while (!due.isEmpty() && !free.isEmpty()) {
            Channel channel = free.remove();
            channel.pipeline().get(Client.class).expect(due.remove(), sent++);
            Future<?> unused = channel.writeAndFlush(request.retainedDuplicate(), channel.voidPromise());
        }
    }

    private void answered(long dueAt, long number, boolean good) {
        answered++;
        if (number >= measuredFrom) {
            microseconds.recordValue(Math.min(
                    TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueAt), microseconds.getHighestTrackableValue()));
            failed += good ? 0 : 1;
        }
        if (answered == total) {
            done.countDown();
        }
    }

    private void print() {
        System.out.println(String.format(
                Locale.ROOT,
                "%d requests, %d failed, p50 %d p90 %d p99 %d p99.9 %d max %d us",
                total,
                failed,
                microseconds.getValueAtPercentile(50),
                microseconds.getValueAtPercentile(90),
                microseconds.getValueAtPercentile(99),
                microseconds.getValueAtPercentile(99.9),
                microseconds.getMaxValue()));
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new HttpResponseDecoder(), new HttpObjectAggregator(MAX_BODY), new Client());
        }
    }

    /** One connection. Its failure ends the run: no proxy here should close one. */
    private final class Client extends SimpleChannelInboundHandler<FullHttpResponse> {
        private long dueAt;
        private long number;

        void expect(long due, long requestNumber) {
            dueAt = due;
            number = requestNumber;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            answered(dueAt, number, response.status().codeClass() == HttpStatusClass.SUCCESS);
            free.add(context.channel());
            send();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (done.getCount() > 0) {
                System.err.println("a connection was closed after " + answered + " answers");
                done.countDown();
            }
        }
    }
}
