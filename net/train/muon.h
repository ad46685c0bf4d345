/* Muon (Jordan 2024, "Muon: An optimizer for hidden layers in neural networks", kellerjordan.github.io/posts/muon): a
 * step of momentum whose matrix is replaced by a nearly orthogonal one, so that all directions that the gradient shows
 * move the weights equally far. The update is scaled to the size of AdamW's (Liu et al. 2025, "Muon is Scalable for LLM
 * Training", section 2.2), so that both accept the same learning rates. */
#ifndef TENGEN_NET_TRAIN_MUON_H
#define TENGEN_NET_TRAIN_MUON_H

#include <stddef.h>

struct net_arithmetic;
struct net_param;
struct optimiser_step;

/* Replaces x [rows][columns] = U S V' by an approximation of U V', by five Newton-Schulz iterations. They bring singular
 * values of at least 0.002 of x's Euclidean norm to between 0.68 and 1.21, and leave smaller ones smaller; a zero matrix
 * stays zero. workspace: muon_workspace floats. The same arguments give the same bits. */
void muon_orthogonalise(const struct net_arithmetic *arithmetic, int rows, int columns, float *x, float *workspace);
size_t muon_workspace(int rows, int columns);
/* One step on the weights [out][in][k][k] of a convolution, seen as a matrix [out][in * k * k]. decay: the fraction by
 * which they decay. gradient, params, first: of this parameter alone. workspace: param->count floats more than
 * muon_workspace, aligned to 64 bytes. */
void muon_apply(const struct net_param *param, const struct optimiser_step *step, float decay, const float *gradient,
                float *params, float *first, float *workspace);

#endif
