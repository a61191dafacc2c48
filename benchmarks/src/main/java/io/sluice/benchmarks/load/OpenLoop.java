package io.sluice.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * Requests at a fixed rate, whether or not the answers keep up: each has a time at which it is due, and its latency counts from then, so what
 * waits for a free connection, or for this program, is counted too (no coordinated omission). One thread. Arguments: port, path, connections,
 * requests per second, seconds of warm-up, seconds measured, bytes of body (0: GET). Prints one line: all requests, failures after the warm-up (anything but a 2xx), and
 * p50, p90, p99, p99.9 and the longest in microseconds. Linux only: its timers are finer than a millisecond.
 */
public final class OpenLoop {
    private static final ByteBuf END_OF_HEAD =
            Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII));
    private static final Pattern LENGTH =
            Pattern.compile("\r\nContent-Length: *([0-9]+)\r\n", Pattern.CASE_INSENSITIVE);

    private final EventLoop loop;
    private final ByteBuf request;
    private final ArrayDeque<Client> free = new ArrayDeque<>();
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
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Client(channel));
                    }
                });
        for (int i = 0; i < connections; i++) {
            Client client = bootstrap
                    .connect("127.0.0.1", port)
                    .sync()
                    .channel()
                    .pipeline()
                    .get(Client.class);
            loop.execute(() -> free.add(client));
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
            free.remove().send(due.remove(), sent++);
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

    /** One connection. Reads just enough of an answer to find its end; that needs a Content-Length. Its failure ends the run: no proxy here should close one. */
    private final class Client extends ChannelInboundHandlerAdapter {
        private final Channel channel;
        private final ByteBuf received = Unpooled.directBuffer();
        private long dueAt;
        private long number;

        Client(Channel channel) {
            this.channel = channel;
        }

        void send(long due, long requestNumber) {
            dueAt = due;
            number = requestNumber;
            Future<?> unused = channel.writeAndFlush(request.retainedDuplicate(), channel.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf part = (ByteBuf) message;
            received.writeBytes(part);
            part.release();
            int head = ByteBufUtil.indexOf(END_OF_HEAD, received);
            if (head < 0) {
                return;
            }
            String text = received.toString(0, head + 2, StandardCharsets.ISO_8859_1);
            Matcher length = LENGTH.matcher(text);
            if (!length.find()) {
                throw new IllegalStateException("an answer without Content-Length: " + text);
            }
            if (received.readableBytes() >= head + END_OF_HEAD.readableBytes() + Integer.parseInt(length.group(1))) {
                boolean good = text.startsWith("HTTP/1.1 2");
                received.clear();
                free.add(this);
                answered(dueAt, number, good);
                OpenLoop.this.send();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println(cause);
            Future<?> unused = context.close();
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
