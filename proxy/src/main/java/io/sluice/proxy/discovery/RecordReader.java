package io.sluice.proxy.discovery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.sluice.proxy.discovery.Records.Service;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads what a response says of the name that was asked for, and of the names that this one stands for (CNAME). */
final class RecordReader {
    private final DnsRecordType type;
    private final Set<String> names = new HashSet<>();
    private final List<InetAddress> addresses = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private long timeToLive = Integer.MAX_VALUE;

    private RecordReader(DnsQuestion question) {
        this.type = question.type();
        names.add(normal(question.name()));
    }

    /** Throws some {@link RuntimeException} when a record makes no sense. */
    static Records read(DnsResponse response, DnsQuestion question) {
        RecordReader reader = new RecordReader(question);
        reader.followAliases(response);
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            reader.take(response.recordAt(DnsSection.ANSWER, i));
        }
        return new Records(true, reader.addresses, reader.services, Duration.ofSeconds(reader.timeToLive));
    }

    /** Servers send chains in order, mostly; as many passes as there are records find all of any chain. */
    private void followAliases(DnsResponse response) {
        boolean more = true;
        while (more) {
            more = false;
            for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
                DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
                if (record.type().equals(DnsRecordType.CNAME)
                        && record instanceof DnsRawRecord raw
                        && names.contains(normal(record.name()))
                        && names.add(name(raw.content().duplicate()))) {
                    timeToLive = Math.min(timeToLive, record.timeToLive());
                    more = true;
                }
            }
        }
    }

    private void take(DnsRecord record) {
        if (!record.type().equals(type)
                || !names.contains(normal(record.name()))
                || !(record instanceof DnsRawRecord raw)) {
            return;
        }
        timeToLive = Math.min(timeToLive, record.timeToLive());
        ByteBuf content = raw.content().duplicate();
        if (type.equals(DnsRecordType.SRV)) {
            int priority = content.readUnsignedShort();
            int weight = content.readUnsignedShort();
            int port = content.readUnsignedShort();
            services.add(new Service(priority, weight, port, name(content)));
        } else {
            addresses.add(DiscoverySettings.literal(ByteBufUtil.getBytes(content)));
        }
    }

    private static String name(ByteBuf content) {
        return normal(DefaultDnsRecordDecoder.decodeName(content));
    }

    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower : lower + ".";
    }
}
