/*
 * What the preloaded library (preload.c) and the device process say to each other; docs/device.md says when. The other half is
 * DeviceMessage.cs, and a test compares the two.
 *
 * Sockets are of kind SOCK_SEQPACKET: a packet is one message, in both directions. The name of the device's socket is in the environment. It
 * is an abstract one, without the leading zero: it has no file, so it is gone when the device process is, however that ends.
 */
#ifndef MMUN_PROTOCOL_H
#define MMUN_PROTOCOL_H

#include <stdint.h>

#define MMUN_DEVICE_VARIABLE "MMUN_DEVICE"
#define MMUN_DEVICE_PREFIX "/dev/hmm_dmirror"
#define MMUN_DEVICE_COUNT 4

enum mmun_message_kind {
	/* To the device. */
	MMUN_HELLO = 1,		/* first on a control connection; descriptors: the synchronous and the asynchronous userfaultfd */
	MMUN_OPEN = 2,		/* first on a device's connection; number: which device, value: the address space */
	MMUN_IOCTL = 3,		/* on a device's connection; number: the request, value: its argument; descriptor: the conversation */
	MMUN_FORK = 4,		/* on the control connection, before a fork; descriptor: the conversation */
	MMUN_ADVISED = 5,	/* in a conversation: error of the advice */
	MMUN_REMAP = 8,		/* on the control connection, before an mremap of address and length; descriptor: the conversation */
	MMUN_FAILED = 9,	/* on any connection: the program has no means to ask; number: what failed, error: why; no answer */

	/* From the device. */
	MMUN_RESULT = 6,	/* the end of a conversation, the answer to HELLO (value: the address space) and OPEN */
	MMUN_ADVISE = 7,	/* in a conversation: make this call of madvise; number: the advice */
};

/* What MMUN_FAILED is about. */
enum mmun_failure {
	MMUN_NO_USERFAULTFD = 1,	/* the process could not make its userfaultfds; open fails */
	MMUN_NO_CONVERSATION = 2,	/* a thread could not make a socket pair; its ioctl fails, or the device does not hear of its fork */
};

struct mmun_message {
	uint32_t kind;
	int32_t error;		/* an error number, or 0 */
	uint64_t number;
	uint64_t value;
	uint64_t address;	/* of MMUN_ADVISE */
	uint64_t length;	/* of MMUN_ADVISE, bytes */
};

#endif
