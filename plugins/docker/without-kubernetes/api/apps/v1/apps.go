package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const SchemeGroupVersion = corev1.GroupVersion("apps/v1")

type (
	Deployment struct {
		metav1.TypeMeta
		metav1.ObjectMeta
		Spec   DeploymentSpec
		Status struct{ ReadyReplicas int32 }
	}
	DeploymentSpec struct {
		Replicas *int32
		Selector *metav1.LabelSelector
		Template corev1.PodTemplateSpec
	}
)
