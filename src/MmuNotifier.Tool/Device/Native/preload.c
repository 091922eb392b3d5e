/*
 * Preloaded into a program by `mmun device`: opening /dev/hmm_dmirrorN reaches the device process instead of the kernel.
 *
 * This is all that lives inside the program, so it is small and in C: it has no thread, no heap and no state but the few variables below.
 *
 * - A device's descriptor is a socket connected to the device process. So dup, close, fork and exec do with it what they do with any
 *   descriptor, and closing the last copy is a hang-up that the device sees. The name of its peer distinguishes it from others.
 * - Each ioctl brings a socket pair of its own, the conversation, so that threads and forked children may use one descriptor at once. In a
 *   conversation the device may ask for calls of madvise, which nobody can make for another process; then the result comes.
 * - The control connection stands for the address space: the program's first open makes it and hands over two userfaultfds. A forked
 *   child drops it and makes its own; exec closes it.
 *
 * Signals and cancellation are held off while the device is asked, as they are in a kernel's ioctl. The lock is held for reading in each
 * conversation of an ioctl, and for writing in open and across fork: no conversation is ever copied into a child.
 */
#define _GNU_SOURCE
#include "protocol.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The function of this name that ours hides, looked up once. */
#define NEXT(name)							\
	({								\
		static __typeof__(name) *hidden;			\
		if (!hidden)						\
			hidden = (__typeof__(name) *)next(#name);	\
		hidden;							\
	})

/* The device's requests: _IOWR('H', nr, 40 bytes). */
#define DEVICE_IOCTL_TYPE 'H'

/* Where the control connection's number begins, out of the way of programs that count on low ones. */
#define HIGH_DESCRIPTOR 800

static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static struct sockaddr_un device_address = { .sun_family = AF_UNIX };
static socklen_t device_address_length;	/* 0: there is no device */
static int control = -1;
static uint64_t address_space;
static int has_fork_handlers;

struct held_off {
	sigset_t signals;
	int cancel_state;
};

static struct held_off held_off_by_fork;

static void hold_off(struct held_off *state)
{
	sigset_t all;

	sigfillset(&all);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state->cancel_state);
	pthread_sigmask(SIG_SETMASK, &all, &state->signals);
}

static void let_on(const struct held_off *state)
{
	pthread_sigmask(SIG_SETMASK, &state->signals, NULL);
	pthread_setcancelstate(state->cancel_state, NULL);
}

static void *next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

/* ---- Messages. Each function answers an error number, or 0. ---- */

static int send_message(int socket, const struct mmun_message *message, const int *descriptors, size_t count)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr aligned;
	} rights;
	struct iovec bytes = { (void *)message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
	ssize_t sent;

	if (count) {
		memset(&rights, 0, sizeof(rights));
		header.msg_control = &rights;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *part = CMSG_FIRSTHDR(&header);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(part), descriptors, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EPIPE || errno == ECONNRESET ? ENODEV : errno;
	return 0;
}

static int receive_message(int socket, struct mmun_message *message)
{
	ssize_t received;

	do
		received = recv(socket, message, sizeof(*message), 0);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return errno == ECONNRESET ? ENODEV : errno;
	return received == 0 ? ENODEV : received == sizeof(*message) ? 0 : EPROTO;
}

/*
 * Lets the device process say what has failed here: the program knows only an error number, and which of its descriptors is its user's
 * terminal only the program knows.
 */
static void tell_failure(int socket, enum mmun_failure failure, int error)
{
	struct mmun_message message = { .kind = MMUN_FAILED, .number = failure, .error = error };

	send_message(socket, &message, NULL, 0);
}

/* Asks over a connection that others use too, so with a socket pair for the answers. */
static int converse(int socket, struct mmun_message *message)
{
	int ends[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		error = errno;
		tell_failure(socket, MMUN_NO_CONVERSATION, error);
		return error;
	}
	error = send_message(socket, message, &ends[1], 1);
	close(ends[1]);
	while (!error && !(error = receive_message(ends[0], message)) && message->kind == MMUN_ADVISE) {
		long result = syscall(SYS_madvise, message->address, message->length, (int)message->number);
		message->kind = MMUN_ADVISED;
		message->error = result ? errno : 0;
		error = send_message(ends[0], message, NULL, 0);
	}
	close(ends[0]);
	return error ? error : message->error;
}

/* Asks first of all on a connection of its own. */
static int ask(int socket, struct mmun_message *message, const int *descriptors, size_t count)
{
	int error = send_message(socket, message, descriptors, count);

	if (!error)
		error = receive_message(socket, message);
	return error ? error : message->error;
}

/*
 * The name of an abstract socket is free when its owner has ended, and anybody may take it then. So the process that answers is trusted
 * with the program's memory only if it is ourselves or root.
 */
static int is_trusted(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return !getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) && (peer.uid == 0 || peer.uid == geteuid());
}

static int connect_device(int *connected)
{
	int made = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int error = 0;
	int result;

	if (made < 0)
		return errno;
	do
		result = connect(made, (struct sockaddr *)&device_address, device_address_length);
	while (result && errno == EINTR);
	if (result && errno != EISCONN)
		error = errno == ECONNREFUSED ? ENODEV : errno;
	else if (!is_trusted(made))
		error = ENODEV;
	if (error)
		close(made);
	else
		*connected = made;
	return error;
}

/* Whether a descriptor is connected to the device process. */
static int is_connected(int descriptor)
{
	struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
	socklen_t length = sizeof(peer);
	int before = errno;
	int result = device_address_length && descriptor >= 0
		&& !getpeername(descriptor, (struct sockaddr *)&peer, &length)
		&& length == device_address_length && !memcmp(&peer, &device_address, length);

	errno = before;
	return result;
}

/* ---- The address space and fork. ---- */

static void before_fork(void)
{
	struct mmun_message message = { .kind = MMUN_FORK };
	struct held_off state;

	hold_off(&state);
	pthread_rwlock_wrlock(&lock);
	held_off_by_fork = state;
	/* The device gives exclusive access back, and where it hears of no forks all pages, so that both sides have them. */
	if (is_connected(control))
		converse(control, &message);
}

static void after_fork_in_parent(void)
{
	struct held_off state = held_off_by_fork;

	pthread_rwlock_unlock(&lock);
	let_on(&state);
}

static void after_fork_in_child(void)
{
	static const pthread_rwlock_t fresh = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

	/* The lock knows its holder by a thread number that the child does not have. */
	lock = fresh;
	if (is_connected(control))
		close(control);
	control = -1;
	let_on(&held_off_by_fork);
}

/* A program that closes every descriptor closes this one too; its number may then be another's. */
static int open_control(void)
{
	struct mmun_message message = { .kind = MMUN_HELLO };
	int userfaultfds[2];
	int connected;
	int error;

	if (control >= 0 && is_connected(control))
		return 0;
	control = -1;
	error = connect_device(&connected);
	if (error)
		return error;
	userfaultfds[0] = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	userfaultfds[1] = userfaultfds[0] < 0 ? -1 : syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	error = userfaultfds[1] < 0 ? errno : 0;
	if (error)
		tell_failure(connected, MMUN_NO_USERFAULTFD, error);
	else
		error = ask(connected, &message, userfaultfds, 2);
	if (userfaultfds[0] >= 0)
		close(userfaultfds[0]);
	if (userfaultfds[1] >= 0)
		close(userfaultfds[1]);
	if (!error) {
		control = fcntl(connected, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
		if (control < 0)
			control = fcntl(connected, F_DUPFD_CLOEXEC, 0);
		address_space = message.value;
		error = control < 0 ? errno : 0;
	}
	close(connected);
	if (!error && !has_fork_handlers) {
		error = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
		has_fork_handlers = !error;
	}
	return error;
}

/* ---- Moving memory. ---- */

/*
 * The kernel refuses to move several mappings at once if one of them is registered with a userfaultfd, and by registering a mapping the
 * device keeps it from being joined with its neighbours again. So the device gets the message first; it lets go of a range that it has
 * split. No request is under way from then until the memory has moved, so none registers a part of it in between.
 */
static void *move_memory(void *old, size_t old_length, size_t new_length, int flags, void *wanted)
{
	struct mmun_message message = { .kind = MMUN_REMAP, .address = (uintptr_t)old, .length = old_length };
	struct held_off state;
	int before = errno;
	void *moved;

	hold_off(&state);
	pthread_rwlock_wrlock(&lock);
	if (is_connected(control))
		converse(control, &message);
	errno = before;
	moved = (void *)syscall(SYS_mremap, old, old_length, new_length, flags, wanted);
	before = errno;
	pthread_rwlock_unlock(&lock);
	let_on(&state);
	errno = before;
	return moved;
}

/* ---- What a program calls. ---- */

static int device_of(const char *path)
{
	size_t length = sizeof(MMUN_DEVICE_PREFIX) - 1;

	if (!device_address_length || !path || strncmp(path, MMUN_DEVICE_PREFIX, length))
		return -1;
	if (path[length] < '0' || path[length] >= '0' + MMUN_DEVICE_COUNT || path[length + 1])
		return -1;
	return path[length] - '0';
}

static int open_device(int device, int flags)
{
	struct mmun_message message = { .kind = MMUN_OPEN, .number = device };
	struct held_off state;
	int descriptor = -1;
	int before = errno;
	int error;

	hold_off(&state);
	pthread_rwlock_wrlock(&lock);
	error = open_control();
	if (!error)
		error = connect_device(&descriptor);
	if (!error) {
		message.value = address_space;
		error = ask(descriptor, &message, NULL, 0);
	}
	/* Nothing comes on it any more: a read answers the end at once. */
	if (!error && (shutdown(descriptor, SHUT_RD) || (!(flags & O_CLOEXEC) && fcntl(descriptor, F_SETFD, 0))))
		error = errno;
	if (error && descriptor >= 0)
		close(descriptor);
	pthread_rwlock_unlock(&lock);
	let_on(&state);
	errno = error ? error : before;
	return error ? -1 : descriptor;
}

static int device_ioctl(int descriptor, unsigned long request, void *argument)
{
	struct mmun_message message = { .kind = MMUN_IOCTL, .number = request, .value = (uintptr_t)argument };
	struct held_off state;
	int before = errno;
	int error;

	hold_off(&state);
	pthread_rwlock_rdlock(&lock);
	error = converse(descriptor, &message);
	pthread_rwlock_unlock(&lock);
	let_on(&state);
	errno = error ? error : before;
	return error ? -1 : 0;
}

/* The kernel's device puts pages of zeros into the mapping at once; so does this. */
static void *device_mmap(void *address, size_t length, int protection, int flags, off_t offset)
{
	int file = memfd_create("hmm_dmirror", MFD_CLOEXEC);
	void *mapped = MAP_FAILED;

	if (file < 0)
		return MAP_FAILED;
	if (!ftruncate(file, offset + (off_t)length))
		mapped = (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
	int error = errno;
	/* For reading, also where it may be written: as the kernel's device leaves it. */
	if (mapped != MAP_FAILED)
		syscall(SYS_madvise, mapped, length, MADV_POPULATE_READ);
	close(file);
	errno = error;
	return mapped;
}

#define MODE_AFTER(flags, mode)						\
	mode_t mode = 0;						\
	if ((flags) & (O_CREAT | __O_TMPFILE)) {			\
		va_list arguments;					\
		va_start(arguments, flags);				\
		mode = va_arg(arguments, mode_t);			\
		va_end(arguments);					\
	}

#define DEFINE_OPEN(name)						\
	EXPORT int name(const char *path, int flags, ...)		\
	{								\
		int device = device_of(path);				\
		MODE_AFTER(flags, mode);				\
		return device >= 0 ? open_device(device, flags) : NEXT(name)(path, flags, mode); \
	}

#define DEFINE_OPENAT(name)						\
	EXPORT int name(int folder, const char *path, int flags, ...)	\
	{								\
		int device = device_of(path);				\
		MODE_AFTER(flags, mode);				\
		return device >= 0 ? open_device(device, flags) : NEXT(name)(folder, path, flags, mode); \
	}

/* What the C library's headers make of open where _FORTIFY_SOURCE is set. */
#define DEFINE_CHECKED_OPEN(name)					\
	EXPORT int name(const char *path, int flags);			\
	int name(const char *path, int flags)				\
	{								\
		int device = device_of(path);				\
		return device >= 0 ? open_device(device, flags) : NEXT(name)(path, flags); \
	}

#define DEFINE_CHECKED_OPENAT(name)					\
	EXPORT int name(int folder, const char *path, int flags);	\
	int name(int folder, const char *path, int flags)		\
	{								\
		int device = device_of(path);				\
		return device >= 0 ? open_device(device, flags) : NEXT(name)(folder, path, flags); \
	}

#define DEFINE_MMAP(name)						\
	EXPORT void *name(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) \
	{								\
		return !(flags & MAP_ANONYMOUS) && is_connected(descriptor) \
			? device_mmap(address, length, protection, flags, offset) \
			: NEXT(name)(address, length, protection, flags, descriptor, offset); \
	}

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
DEFINE_CHECKED_OPEN(__open_2)
DEFINE_CHECKED_OPEN(__open64_2)
DEFINE_CHECKED_OPENAT(__openat_2)
DEFINE_CHECKED_OPENAT(__openat64_2)
DEFINE_MMAP(mmap)
DEFINE_MMAP(mmap64)

EXPORT void *mremap(void *old, size_t old_length, size_t new_length, int flags, ...)
{
	va_list arguments;
	void *wanted = NULL;

	if (flags & MREMAP_FIXED) {
		va_start(arguments, flags);
		wanted = va_arg(arguments, void *);
		va_end(arguments);
	}
	return control >= 0
		? move_memory(old, old_length, new_length, flags, wanted)
		: NEXT(mremap)(old, old_length, new_length, flags, wanted);
}

EXPORT int ioctl(int descriptor, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return _IOC_TYPE(request) == DEVICE_IOCTL_TYPE && is_connected(descriptor)
		? device_ioctl(descriptor, request, argument)
		: NEXT(ioctl)(descriptor, request, argument);
}

__attribute__((constructor)) static void find_device(void)
{
	const char *name = getenv(MMUN_DEVICE_VARIABLE);
	size_t length = name ? strlen(name) : 0;

	if (!length || length >= sizeof(device_address.sun_path))
		return;
	memcpy(device_address.sun_path + 1, name, length);
	device_address_length = offsetof(struct sockaddr_un, sun_path) + 1 + length;
}
