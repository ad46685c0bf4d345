/* A network between network namespaces, with a delay: in each namespace a TUN device "wire", and between them this process,
 * which passes every IPv4 packet on to the host with the last byte of its address, so much later. Used by network.py, which
 * gives the devices their addresses, and limits and cuts them with tc and ip.
 *
 * Usage: relay DELAY_US NAMESPACE...       host I, from 1, has the address a.b.c.I. Prints "ready"; ends with stdin. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_HOSTS = 16,
    PACKET_BYTES = 1600, /* more than the devices' MTU of 1500 */
    PACKETS = 1 << 15,   /* under way at once: 1 Gbit/s for 0.4 s */
    HEADER_BYTES = 20,   /* of an IPv4 header without options */
    DESTINATION_END = 19 /* the place of the last byte of its destination */
};

struct packet {
    int64_t due_ns;
    int to;
    size_t size;
    uint8_t data[PACKET_BYTES];
};

/* In the order in which they arrived, which is that in which they are due. */
static struct packet packets[PACKETS];
static uint64_t arrived, passed_on, dropped;

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void fail(const char *what)
{
    perror(what);
    exit(3);
}

/* This process stays in the last namespace that it has entered. */
static int open_wire(const char *namespace)
{
    char path[256];
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(path, sizeof path, "/run/netns/%s", namespace);
    const int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0)
        fail(path);
    close(space);
    const int wire = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    strcpy(request.ifr_name, "wire");
    if (wire < 0 || ioctl(wire, TUNSETIFF, &request) != 0)
        fail("/dev/net/tun");
    return wire;
}

/* Takes all that has arrived from one host. */
static void take(int wire, int hosts, int64_t delay_ns)
{
    for (;;) {
        struct packet *packet = &packets[arrived % PACKETS];
        uint8_t spare[PACKET_BYTES];
        const bool full = arrived - passed_on == PACKETS;
        const ssize_t size = read(wire, full ? spare : packet->data, PACKET_BYTES);
        if (size < 0)
            return; /* EAGAIN; EIO while the device is down */
        dropped += full;
        if (full || size < HEADER_BYTES || packet->data[0] >> 4 != 4)
            continue;
        packet->to = packet->data[DESTINATION_END] - 1;
        if (packet->to < 0 || packet->to >= hosts)
            continue;
        packet->size = (size_t)size;
        packet->due_ns = now_ns() + delay_ns;
        arrived++;
    }
}

/* Returns when the next one is due; 0: none is under way. */
static int64_t pass_on(const int *wires)
{
    while (passed_on < arrived) {
        const struct packet *packet = &packets[passed_on % PACKETS];
        if (packet->due_ns > now_ns())
            return packet->due_ns;
        if (write(wires[packet->to], packet->data, packet->size) < 0 && errno != EIO) /* EIO: the device is down */
            dropped++;
        passed_on++;
    }
    return 0;
}

static void run(const int *wires, int hosts, int64_t delay_ns)
{
    struct pollfd wait[MAX_HOSTS + 1];
    for (int i = 0; i <= hosts; i++)
        wait[i] = (struct pollfd){.fd = i < hosts ? wires[i] : STDIN_FILENO, .events = POLLIN};
    for (;;) {
        const int64_t due = pass_on(wires), left = due - now_ns();
        const struct timespec pause = {.tv_sec = left > 0 ? left / 1000000000 : 0,
                                       .tv_nsec = left > 0 ? left % 1000000000 : 0};
        if (ppoll(wait, (nfds_t)hosts + 1, due ? &pause : NULL, NULL) < 0 && errno != EINTR)
            fail("ppoll");
        for (int i = 0; i < hosts; i++)
            if (wait[i].revents & POLLIN)
                take(wires[i], hosts, delay_ns);
        if (wait[hosts].revents)
            return;
    }
}

int main(int argc, char **argv)
{
    int wires[MAX_HOSTS];
    const int hosts = argc - 2;
    if (hosts < 1 || hosts > MAX_HOSTS) {
        fprintf(stderr, "usage: relay DELAY_US NAMESPACE..., with 1 to %d namespaces\n", MAX_HOSTS);
        return 2;
    }
    for (int i = 0; i < hosts; i++)
        wires[i] = open_wire(argv[2 + i]);
    printf("ready\n");
    fflush(stdout);
    run(wires, hosts, atoll(argv[1]) * 1000);
    fprintf(stderr, "relay: %llu packets, %llu dropped\n", (unsigned long long)passed_on, (unsigned long long)dropped);
    return 0;
}
