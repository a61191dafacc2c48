package io.sluice.proxy.discovery;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@code /etc/hosts} says (hosts(5)). */
record HostsFile(String text) {
    /** The addresses of a name, in order; empty when it is not in there. */
    List<InetAddress> addresses(String name) {
        String wanted = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        List<InetAddress> found = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int comment = line.indexOf('#');
            String[] words =
                    (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
            byte[] address = NetUtil.createByteArrayFromIpAddressString(words[0]);
            if (address != null && Arrays.stream(words).skip(1).anyMatch(wanted::equalsIgnoreCase)) {
                found.add(DiscoverySettings.literal(address));
            }
        }
        return found;
    }
}
