package io.sluice.proxy.discovery;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.util.NetUtil;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server on 127.0.0.1 that says what it is told to, in another order each time. */
public final class TestNameServer implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, List<DnsRecord>> zone = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger askedByTcp = new AtomicInteger();
    private final int port;
    private volatile DnsResponseCode failure = DnsResponseCode.NOERROR;
    private volatile boolean silent;
    private volatile boolean truncates;

    /** @param tcp whether it can be asked by TCP too */
    public TestNameServer(boolean tcp) throws Exception {
        InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        Channel datagrams = null;
        for (int i = 0; i < 50 && datagrams == null; i++) {
            Channel bound = bindDatagrams(here);
            try {
                if (tcp) {
                    bindStreams((InetSocketAddress) bound.localAddress());
                }
                datagrams = bound;
            } catch (Exception taken) {
                if (!(taken instanceof BindException)) {
                    throw taken;
                }
                bound.close().sync();
            }
        }
        if (datagrams == null) {
            throw new IllegalStateException("no port is free for both UDP and TCP");
        }
        port = ((InetSocketAddress) datagrams.localAddress()).getPort();
    }

    private Channel bindDatagrams(InetAddress here) throws InterruptedException {
        return new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new Datagrams());
                    }
                })
                .bind(here, 0)
                .sync()
                .channel();
    }

    private void bindStreams(InetSocketAddress address) throws InterruptedException {
        new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new Streams());
                    }
                })
                .bind(address)
                .sync();
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** How many questions came by UDP. */
    int asked() {
        return asked.get();
    }

    int askedByTcp() {
        return askedByTcp.get();
    }

    /** From now on it answers all questions with that code; {@link DnsResponseCode#NOERROR}: as usual. */
    public void fail(DnsResponseCode code) {
        failure = code;
    }

    /** From now on it does not answer. */
    public void fallSilent() {
        silent = true;
    }

    /** From now on answers by UDP hold nothing but that there is more. */
    void truncate() {
        truncates = true;
    }

    /** Sets the addresses of a name, which may be none; forgets all its other records. */
    public void addresses(String name, int ttl, String... addresses) {
        List<DnsRecord> records = new ArrayList<>();
        for (String address : addresses) {
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
            DnsRecordType type = bytes.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA;
            records.add(new DefaultDnsRawRecord(name, type, ttl, Unpooled.wrappedBuffer(bytes)));
        }
        zone.put(name, records);
    }

    void alias(String name, int ttl, String target) {
        zone.put(
                name,
                List.of(new DefaultDnsRawRecord(name, DnsRecordType.CNAME, ttl, name(Unpooled.buffer(), target))));
    }

    /** Sets the services of a name: priority, weight, port and target, separated by spaces. */
    public void services(String name, int ttl, List<String> services) {
        List<DnsRecord> records = new ArrayList<>();
        for (String service : services) {
            String[] words = service.split(" ", -1);
            ByteBuf content = Unpooled.buffer();
            for (int i = 0; i < 3; i++) {
                content.writeShort(Integer.parseInt(words[i]));
            }
            records.add(new DefaultDnsRawRecord(name, DnsRecordType.SRV, ttl, name(content, words[3])));
        }
        zone.put(name, records);
    }

    void forget(String name) {
        zone.remove(name);
    }

    private static ByteBuf name(ByteBuf content, String name) {
        for (String label : name.split("\\.", -1)) {
            content.writeByte(label.length());
            content.writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        return content;
    }

    private <T extends DnsResponse> T answer(T response, DnsQuestion question) {
        response.setRecursionAvailable(true);
        response.addRecord(DnsSection.QUESTION, question);
        DnsResponseCode code = failure;
        if (!code.equals(DnsResponseCode.NOERROR)) {
            response.setCode(code);
            return response;
        }
        List<DnsRecord> records = zone.get(question.name());
        if (records == null) {
            response.setCode(DnsResponseCode.NXDOMAIN);
            return response;
        }
        add(response, question.type(), records);
        return response;
    }

    private void add(DnsResponse response, DnsRecordType type, List<DnsRecord> records) {
        List<DnsRecord> shuffled = new ArrayList<>(records);
        Collections.shuffle(shuffled);
        for (DnsRecord record : shuffled) {
            boolean alias = record.type().equals(DnsRecordType.CNAME);
            if (alias || record.type().equals(type)) {
                response.addRecord(DnsSection.ANSWER, ((DefaultDnsRawRecord) record).copy());
            }
            if (alias) {
                String target = DefaultDnsRecordDecoder.decodeName(
                        ((DefaultDnsRawRecord) record).content().duplicate());
                add(response, type, zone.getOrDefault(target, List.of()));
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // whoever asked notices that no answer comes
    private static void send(ChannelHandlerContext ctx, DnsResponse response) {
        ctx.writeAndFlush(response);
    }

    private final class Datagrams extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
            asked.incrementAndGet();
            if (silent) {
                return;
            }
            DatagramDnsResponse response = new DatagramDnsResponse(
                    /* sender= */ query.recipient(), /* recipient= */ query.sender(), query.id());
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            if (truncates) {
                response.setTruncated(true);
                response.addRecord(DnsSection.QUESTION, question);
                send(ctx, response);
            } else {
                send(ctx, answer(response, question));
            }
        }
    }

    private final class Streams extends SimpleChannelInboundHandler<DefaultDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DefaultDnsQuery query) {
            askedByTcp.incrementAndGet();
            send(ctx, answer(new DefaultDnsResponse(query.id()), query.recordAt(DnsSection.QUESTION)));
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(20, TimeUnit.SECONDS);
    }
}
